metadata description = 'The function app and its plan.'

param planName string
param name string
param location string
param tags object
param identityId string
param identityClientId string
param subnetId string

@description('URL of the container for the published package.')
param deploymentContainerUrl string

@description('Blob endpoint of the Functions host\'s own storage.')
param hostStorageEndpoint string

@description('Table endpoint of the storage account with the assignments.')
param tablesEndpoint string

param applicationInsightsConnectionString string
param workspaceId string
param zoneRedundant bool

@description('How a deployment replaces running instances: all at once (Recreate) or in batches (RollingUpdate).')
@allowed(['Recreate', 'RollingUpdate'])
param siteUpdateStrategy string

param maximumInstanceCount int
param alwaysReadyInstances int
param instanceMemoryMB int
param publicChecksPerMinute int
param clientAddressHeader string

// Requests mostly wait for storage, and requests for one license share transactions within an instance.
var requestsPerInstance = 100

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // azd finds the app of service "api" by this tag.
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReadyInstances
              }
            ]
        triggers: {
          http: {
            perInstanceConcurrency: requestsPerInstance
          }
        }
      }
      // Bicep's resource types lack this property.
      #disable-next-line BCP037
      siteUpdateStrategy: {
        type: siteUpdateStrategy
      }
    }
    // Flex Consumption rejects most other properties of siteConfig, including ftpsState.
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__blobServiceUri: hostStorageEndpoint
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identityClientId}'
      Tables__Endpoint: tablesEndpoint
      Tables__ClientId: identityClientId
      PublicCheck__RequestsPerMinute: string(publicChecksPerMinute)
      PublicCheck__ClientAddressHeader: clientAddressHeader
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'workspace'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output uri string = 'https://${app.properties.defaultHostName}'
