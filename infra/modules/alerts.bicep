metadata description = 'Alerts for operators. docs/operations.md says what each alert means and what to do.'

param workspaceId string
param applicationInsightsId string
param location string
param tags object

@description('E-mail address that receives alerts; empty for none.')
param email string

@description('URL or path of docs/operations.md; each alert links to its heading there.')
param runbook string

@description('Base URL of the API.')
param apiUri string

@description('Whether an availability test calls the API continuously, so that missing telemetry is an alert too.')
param watched bool

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
    title: 'Storage is unreachable, throttles, or denies the app access: requests fail with 503'
    severity: 1
    window: 'PT5M'
    query: '''
      AppMetrics
      | where Name in ('license_assignments.requests', 'license_assignments.storage.calls')
      | summarize
          Unavailable = sumif(Sum, tostring(Properties.code) == 'storage_unavailable'),
          Denied = sumif(Sum, tostring(Properties.status) in ('401', '403'))
      | where Unavailable >= 10 or Denied >= 1
    '''
    dimensions: []
  }
  {
    name: 'slow'
    title: 'More than 5 % of requests take longer than a second'
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

// The availability test sends requests continuously, so if half an hour has none, no telemetry arrives.
var silence = [
  {
    name: 'no-telemetry'
    title: 'No telemetry arrived for half an hour, so the other alerts do not work'
    severity: 1
    window: 'PT30M'
    query: '''
      AppRequests
      | summarize Requests = sum(ItemCount)
      | where Requests == 0 or isnull(Requests)
    '''
    dimensions: []
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
  for alert in concat(alerts, watched ? silence : []): {
    name: alert.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      description: 'What to do: ${runbook}#${alert.name}'
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      // The first telemetry creates the tables; a new workspace would reject queries on missing ones.
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
        customProperties: {
          runbook: '${runbook}#${alert.name}'
        }
      }
    }
  }
]

// Checks an address that no user has. The response is correct only if the app, its identity and storage work.
resource check 'Microsoft.Insights/webtests@2022-06-15' = if (watched) {
  name: 'check'
  location: location
  tags: union(tags, { 'hidden-link:${applicationInsightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'check'
    Name: 'check'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [
      {
        Id: 'emea-nl-ams-azr'
      }
      {
        Id: 'us-va-ash-azr'
      }
      {
        Id: 'apac-sg-sin-azr'
      }
    ]
    Request: {
      HttpVerb: 'GET'
      RequestUrl: '${apiUri}/api/catalog/licenses/user/assignment/check/?email=nobody%40example.org'
      FollowRedirects: false
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 404
      ContentValidation: {
        ContentMatch: 'no_active_assignment'
        IgnoreCase: false
        PassIfTextFound: true
      }
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
    }
  }
}

resource unavailable 'Microsoft.Insights/metricAlerts@2018-03-01' = if (watched) {
  name: 'unavailable'
  location: 'global'
  tags: tags
  properties: {
    description: 'The availability test fails from at least two locations. What to do: ${runbook}#unavailable'
    severity: 0
    enabled: true
    autoMitigate: true
    scopes: [check.id, applicationInsightsId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: check.id
      componentId: applicationInsightsId
      failedLocationCount: 2
    }
    actions: [
      {
        actionGroupId: owners.id
        webHookProperties: {
          runbook: '${runbook}#unavailable'
        }
      }
    ]
  }
}
