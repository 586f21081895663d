metadata description = 'What an owner is told of. docs/operations.md says what each alert means and what to do.'

param workspaceId string
param applicationInsightsId string
param location string
param tags object

@description('Who is told; empty for nobody.')
param email string

@description('Where docs/operations.md is read; each alert points to its heading there.')
param runbook string

@description('The API\'s address.')
param apiUri string

@description('Whether the API is called from outside all the time, so that silence is an alert too.')
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
    title: 'Storage is out of reach, throttles, or refuses the app\'s identity: requests are answered 503'
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

// The availability test sends requests all the time, so none in half an hour means that no telemetry arrives.
var silence = [
  {
    name: 'no-telemetry'
    title: 'No request was recorded for half an hour: the other alerts are blind'
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
        customProperties: {
          runbook: '${runbook}#${alert.name}'
        }
      }
    }
  }
]

// Asks for an address that nobody has. The answer is only right when app, identity and storage all work.
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
    description: 'The check fails from at least two places. What to do: ${runbook}#unavailable'
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
