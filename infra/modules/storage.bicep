metadata description = 'A storage account that accepts only identities and the given networks, with a role for the app.'

param name string
param location string
param tags object
param redundancy string

@description('The service of the account that the app uses.')
@allowed(['blob', 'table'])
param service string

@description('Blob containers to create.')
param containers string[]

@description('Tables to create. The management plane needs no role on the data for this.')
param tables string[]

@description('Days for which backups cannot be changed or deleted; 0 creates no container for backups.')
param keepBackupsForDays int

@description('Whether the account has a lock against deletion.')
param locked bool

@description('Object ids of users, groups or applications that may read and write the data. Network rules apply to them too.')
param operatorIds string[]

@description('The app\'s subnet; it has the service endpoint Microsoft.Storage.')
param appSubnetId string

@description('Whether the app connects through a private endpoint instead of the service endpoint of its subnet.')
param privateNetwork bool

@description('Public IPv4 addresses or ranges of operators.')
param operatorAddresses string[]

@description('Principal id of the app\'s identity.')
param appPrincipalId string

param workspaceId string

var roles = {
  blob: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  table: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
}

var operatorRole = {
  blob: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
  table: roles.table
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateNetwork && empty(operatorAddresses) ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'None'
      virtualNetworkRules: privateNetwork
        ? []
        : [
            {
              id: appSubnetId
            }
          ]
      ipRules: [
        for address in operatorAddresses: {
          value: address
        }
      ]
    }
  }

  resource blobs 'blobServices' = if (service == 'blob') {
    name: 'default'

    resource container 'containers' = [
      for container in containers: {
        name: container
      }
    ]

    resource backups 'containers' = if (keepBackupsForDays > 0) {
      name: 'backups'

      resource kept 'immutabilityPolicies' = {
        name: 'default'
        properties: {
          immutabilityPeriodSinceCreationInDays: keepBackupsForDays
        }
      }
    }
  }

  resource backupsLifetime 'managementPolicies' = if (keepBackupsForDays > 0) {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'old-backups'
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['backups/']
              }
              actions: {
                baseBlob: {
                  delete: {
                    daysAfterCreationGreaterThan: keepBackupsForDays
                  }
                }
              }
            }
          }
        ]
      }
    }
    dependsOn: [blobs::backups]
  }

  resource tableService 'tableServices' = if (service == 'table') {
    name: 'default'

    resource table 'tables' = [
      for table in tables: {
        name: table
      }
    ]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  name: 'keep'
  scope: account
  properties: {
    level: 'CanNotDelete'
    notes: 'Table Storage has no undelete: this account is the only copy of the assignments besides backups.'
  }
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, roles[service])
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles[service])
  }
}

resource operatorRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for operator in operatorIds: {
    name: guid(account.id, operator, operatorRole[service])
    scope: account
    properties: {
      principalId: operator
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', operatorRole[service])
    }
  }
]

// Reads are not logged: they are most of the calls and change nothing. The metric counts them.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (service == 'table') {
  name: 'workspace'
  scope: account::tableService
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

output id string = account.id
output name string = account.name
output endpoint string = service == 'blob'
  ? account.properties.primaryEndpoints.blob
  : account.properties.primaryEndpoints.table
