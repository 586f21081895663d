metadata description = 'What an owner is told of. docs/operations.md says what each alert means and what to do.'

param workspaceId string
param location string
param tags object

@description('Who is told; empty for nobody.')
param email string

var alerts = [
  {
    name: 'server-errors'
    title: 'More than 1 % of requests fail with 5xx'
    severity: 1
    window: 'PT5M'
    query: '''
      AppRequests
      | summarize Requests = sum(ItemCount), Failures = sumif(ItemCount, toint(ResultCode) >= 500)
      | where Failures >= 5 and Failures > 0.01 * Requests
    '''
    dimensions: []
  }
  {
    name: 'storage-unavailable'
    title: 'Storage is out of reach or throttles: requests are answered 503'
    severity: 1
    window: 'PT5M'
    query: '''
      AppMetrics
      | where Name == 'license_assignments.requests' and tostring(Properties.code) == 'storage_unavailable'
      | summarize Refused = sum(Sum)
      | where Refused >= 10
    '''
    dimensions: []
  }
  {
    name: 'slow'
    title: 'One request in twenty takes longer than a second'
    severity: 2
    window: 'PT15M'
    query: '''
      AppRequests
      | summarize Requests = sum(ItemCount), P95 = percentilew(DurationMs, ItemCount, 95)
      | where Requests >= 50 and P95 > 1000
    '''
    dimensions: []
  }
  {
    name: 'seats-running-out'
    title: 'More than 90 % of a license\'s seats are taken'
    severity: 3
    window: 'PT15M'
    query: '''
      AppMetrics
      | where Name == 'license_assignments.license.seats_used_ratio'
      | extend Ratio = Sum / ItemCount
      | summarize arg_max(TimeGenerated, Ratio) by Platform = tostring(Properties.platform), License = tostring(Properties.license)
      | where Ratio > 0.9
    '''
    dimensions: ['Platform', 'License']
  }
]

resource owners 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-license-assignments'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'licenses'
    emailReceivers: empty(email)
      ? []
      : [
          {
            name: 'owner'
            emailAddress: email
            useCommonAlertSchema: true
          }
        ]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: alert.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      // The tables come with the first telemetry; without this a new workspace would refuse the rules.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: [
              for dimension in alert.dimensions: {
                name: dimension
                operator: 'Include'
                values: ['*']
              }
            ]
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [owners.id]
      }
    }
  }
]
