// Everything that the app needs, in a resource group of its own. `azd up` deploys it; README.md says how.
targetScope = 'subscription'

metadata description = 'Conversation Lookup: an Azure Functions app between Wassist and Power Automate or Logic Apps.'

@description('What the environment is called, such as test or live; names are made from it.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Where everything is. It must be a region with Flex Consumption: az functionapp list-flexconsumption-locations.')
param location string

@description('The object id of whoever sets the two secrets, or nothing. azd gives the id of who runs it.')
param operatorId string = ''

@description('What the operator is. None gives nobody a role, as when a pipeline deploys what a person set up.')
@allowed(['User', 'Group', 'ServicePrincipal', 'None'])
param operatorType string = 'User'

@description('Where alerts are mailed to; without it they are in the portal only.')
param alertEmail string = ''

@description('Whether storage and vault are reached over a private network only. The app itself stays public: flows and Wassist call it.')
param privateNetwork bool = false

@description('The client id of an app registration whose tokens callers must show beside the function key, or nothing.')
param entraClientId string = ''

@description('Instances that are always ready for requests: 0 starts one when the first request comes.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Whether all instances share one budget of calls and one cache, in Azure Managed Redis.')
param redis bool = false

@description('Instances at most. Without Redis each keeps its own count of the 100 calls a minute that Wassist allows.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('How storage keeps its copies: in three zones, or in one where the region has no zones.')
@allowed(['Standard_ZRS', 'Standard_LRS'])
param storageSku string = 'Standard_ZRS'

@description('How many days logs and metrics are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int = 30

@description('GB a day after which Application Insights takes no more, so that a bad day costs no fortune.')
@minValue(1)
param dailyCapGb int = 1

@description('How many of 100 traces are kept. Metrics and warnings count all the same.')
@minValue(1)
@maxValue(100)
param tracesKept int = 100

@description('More settings of the app, as README.md lists them: NAME=VALUE, separated by semicolons, with __ for a colon. Not for secrets.')
param appSettings string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var identityName = 'id-${token}'
var workspaceName = 'log-${token}'
var networkName = privateNetwork ? 'vnet-${token}' : ''
var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-conversation-lookup-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: identityName, location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityName
    workspaceName: workspaceName
    retentionDays: retentionDays
    dailyCapGb: dailyCapGb
  }
  dependsOn: [identity]
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: { name: networkName, location: location, tags: tags, redis: redis }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityName
    networkName: networkName
    sku: storageSku
  }
  dependsOn: [identity, network]
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityName
    operatorId: operatorType == 'None' ? '' : operatorId
    operatorType: operatorType
    workspaceId: monitoring.outputs.workspaceId
    networkName: networkName
  }
  dependsOn: [identity, network]
}

module sharedRedis 'modules/redis.bicep' = if (redis) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityName
    networkName: networkName
  }
  dependsOn: [identity, network]
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityName
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    packageContainer: storage.outputs.packageContainer
    vaultUri: vault.outputs.uri
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    networkName: networkName
    entraClientId: entraClientId
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    instanceMemory: instanceMemory
    tracesKept: tracesKept
    redis: redis
    redisHost: sharedRedis.?outputs.host ?? ''
    moreSettings: toObject(
      filter(split(appSettings, ';'), setting => contains(setting, '=')),
      setting => trim(split(setting, '=')[0]),
      setting => trim(join(skip(split(setting, '='), 1), '='))
    )
  }
  dependsOn: [identity, network]
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    email: alertEmail
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: { location: location, tags: tags, workspaceName: workspaceName }
  dependsOn: [monitoring]
}

@description('The resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app.')
output APP_NAME string = app.outputs.name

@description('Where callers reach it.')
output APP_URL string = app.outputs.url

@description('The vault that waits for the two secrets.')
output VAULT_NAME string = vault.outputs.name
