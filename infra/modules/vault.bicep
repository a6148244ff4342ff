metadata description = 'The vault of the two secrets. No secret passes through here: the operator sets them, the app reads them.'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Who reads the secrets: the app.')
param identityName string

@description('The object id of the person who sets the secrets, or empty.')
param operatorId string

@description('The type of the operator.')
param operatorType string

@description('The workspace for the audit log: who read which secret.')
param workspaceId string

@description('The private network, or empty. With one, the vault is reachable from it only.')
param networkName string

@description('Whether to recover the soft-deleted vault of this name. It fails when there is none, so it is for one deployment.')
param recover bool

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var keyVaultSecretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: 'kv-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    createMode: recover ? 'recover' : 'default'
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: empty(networkName) ? 'Enabled' : 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: empty(networkName) ? 'Allow' : 'Deny' }
  }
}

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, keyVaultSecretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

resource set 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorId)) {
  scope: vault
  name: guid(vault.id, operatorId, keyVaultSecretsOfficer)
  properties: {
    principalId: operatorId
    principalType: operatorType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsOfficer)
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

module endpoint 'private-endpoint.bicep' = if (!empty(networkName)) {
  params: {
    name: 'pe-${vault.name}'
    location: location
    tags: tags
    resourceId: vault.id
    service: 'vault'
    networkName: networkName
    zoneName: 'privatelink.vaultcore.azure.net'
  }
}

@description('Its address.')
output uri string = vault.properties.vaultUri

@description('Its name.')
output name string = vault.name
