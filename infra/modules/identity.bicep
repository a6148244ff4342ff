metadata description = 'The identity of the app.'

@description('The name of the identity.')
param name string

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}
