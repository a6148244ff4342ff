metadata description = 'Azure Managed Redis for what all instances share. Access keys are off: the app signs in with its identity.'

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

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource redis 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: 'redis-${token}'
  location: location
  tags: tags
  sku: { name: 'Balanced_B0' } // the smallest: it holds some kilobytes for each lookup of the last two minutes
  properties: {
    minimumTlsVersion: '1.2'
    highAvailability: 'Disabled' // while it is not available, each instance uses its own
    publicNetworkAccess: empty(networkName) ? 'Enabled' : 'Disabled'
  }

  resource database 'databases' = {
    name: 'default'
    properties: {
      accessKeysAuthentication: 'Disabled'
      clientProtocol: 'Encrypted'
      clusteringPolicy: 'EnterpriseCluster'
      evictionPolicy: 'VolatileLRU'
      port: 10000
    }

    resource app 'accessPolicyAssignments' = {
      name: 'app'
      properties: { accessPolicyName: 'default', user: { objectId: identity.properties.principalId } }
    }
  }
}

module endpoint 'private-endpoint.bicep' = if (!empty(networkName)) {
  params: {
    name: 'pe-${redis.name}'
    location: location
    tags: tags
    resourceId: redis.id
    service: 'redisEnterprise'
    networkName: networkName
    zoneName: 'privatelink.redis.azure.net'
  }
}

@description('Its host.')
output host string = redis.properties.hostName
