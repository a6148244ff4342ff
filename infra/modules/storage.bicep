metadata description = 'Storage of the Functions host and the app: no shared keys, the queues and tables, and the roles of the app.'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Who uses it: the app.')
param identityName string

@description('The private network, or empty. With one, this is reachable from it only.')
param networkName string

@description('How it is replicated.')
param sku string

// As src/ConversationLookup/Storage/StorageNames.cs has them; a test compares.
var queues = ['wassist-events', 'wassist-events-poison', 'flow-notifications', 'flow-notifications-poison']
var tables = ['actions', 'deliveries', 'subscriptions']
var parked = 'parked-messages'
var package = 'app-package'

// The host keeps leases and keys in blobs, which takes Owner: https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
var roles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: empty(networkName) ? 'Enabled' : 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: empty(networkName) ? 'Allow' : 'Deny' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 7 }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource containers 'containers' = [
      for name in [package, parked]: { name: name, properties: { publicAccess: 'None' } }
    ]
  }

  resource queueService 'queueServices' = {
    name: 'default'

    resource each 'queues' = [for name in queues: { name: name }]
  }

  resource tableService 'tableServices' = {
    name: 'default'

    resource each 'tables' = [for name in tables: { name: name }]
  }
}

resource use 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    scope: account
    name: guid(account.id, identity.id, role)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

module endpoints 'private-endpoint.bicep' = [
  for service in ['blob', 'queue', 'table']: if (!empty(networkName)) {
    params: {
      name: 'pe-${account.name}-${service}'
      location: location
      tags: tags
      resourceId: account.id
      service: service
      networkName: networkName
      zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
    }
  }
]

@description('Blobs.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('Queues.')
output queueEndpoint string = account.properties.primaryEndpoints.queue

@description('Tables.')
output tableEndpoint string = account.properties.primaryEndpoints.table

@description('The blob container of the deployment package.')
output packageContainer string = package
