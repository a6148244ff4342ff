metadata description = 'A private endpoint for one service of a resource, and its DNS name.'

@description('The name of the endpoint.')
param name string

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('The resource.')
param resourceId string

@description('Its service, such as blob.')
param service string

@description('The network of network.bicep.')
param networkName string

@description('The zone it gets its name in.')
param zoneName string

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: networkName

  resource subnet 'subnets' existing = { name: 'endpoints' }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: zoneName
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: network::subnet.id }
    privateLinkServiceConnections: [
      { name: service, properties: { privateLinkServiceId: resourceId, groupIds: [service] } }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: service, properties: { privateDnsZoneId: zone.id } }] }
  }
}
