// Everything that the app needs, in a resource group of its own. `azd up` deploys it; docs/operations.md says how.
targetScope = 'subscription'

metadata description = 'Conversation Lookup: an Azure Functions app between Wassist and Power Automate or Logic Apps.'

@description('The name of the environment, such as test or live. The names of the resources are made from it.')
@minLength(1)
@maxLength(32)
param environmentName string

// azd offers these. Microsoft adds regions: `az functionapp list-flexconsumption-locations` lists them; add yours here.
@description('The Azure region, one with Flex Consumption.')
@metadata({ azd: { type: 'location' } })
@allowed([
  'australiaeast'
  'australiasoutheast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'ukwest'
  'westcentralus'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
])
param location string

@description('The object id of the person who sets the two secrets, or empty. azd passes the id of whoever runs it.')
param operatorId string = ''

@description('The type of the operator. None assigns no role: a pipeline deploys what a person has set up.')
@allowed(['User', 'Group', 'ServicePrincipal', 'None'])
param operatorType string = 'User'

@description('The email address that receives alerts. When empty, alerts are in the portal only.')
param alertEmail string = ''

@description('Whether storage, vault and Redis accept connections from a private network only. The app itself stays public: flows and Wassist call it.')
param privateNetwork bool = false

@description('The client id of an app registration. Callers must then send one of its tokens as well as the function key. Empty for none.')
param entraClientId string = ''

@description('The actions that flows may use, by name and separated by commas, or all. When empty, no flow can write to anybody.')
param allowedActions string = ''

@description('The number of minutes without any event of Wassist after which an alert fires, while flows subscribe: at least 5. 0 for no such alert.')
@minValue(0)
@maxValue(10080)
param silenceAfterMinutes int = 0

@description('The number of instances that are always ready for requests. With 0, the first request starts one.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Whether all instances share one call budget and one cache, in Azure Managed Redis.')
param redis bool = false

@description('The largest number of instances. Without Redis, each instance keeps its own count of the 100 calls a minute that Wassist allows.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('The memory of an instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('How storage is replicated: across three zones, or within one where the region has no zones.')
@allowed(['Standard_ZRS', 'Standard_LRS'])
param storageSku string = 'Standard_ZRS'

@description('The number of days for which logs and metrics are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int = 30

@description('The daily cap on telemetry, in GB. Above it, Application Insights accepts no more that day, which limits the bill.')
@minValue(1)
param dailyCapGb int = 1

@description('The percentage of traces to keep. Metrics and warnings are always kept.')
@minValue(1)
@maxValue(100)
param tracesKept int = 100

@description('Whether Application Insights calls /api/health from three places every 15 minutes, with an alert when the app does not answer.')
param availabilityTest bool = true

@description('Whether to recover the vault that an earlier deployment of this name left soft-deleted. True for that one deployment only.')
param recoverVault bool = false

@description('More settings of the app, as docs/reference.md lists them: NAME=VALUE, separated by semicolons, with __ for a colon. Not for secrets.')
param appSettings string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var identityName = 'id-${token}'
var workspaceName = 'log-${token}'
var insightsName = 'appi-${token}'
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
    location: location
    tags: tags
    identityName: identityName
    workspaceName: workspaceName
    insightsName: insightsName
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
    recover: recoverVault
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
    allowedActions: allowedActions
    // The app does not start with any other.
    silenceAfterMinutes: silenceAfterMinutes == 0 || silenceAfterMinutes >= 5
      ? silenceAfterMinutes
      : fail('SILENCE_AFTER_MINUTES must be 0 or at least 5')
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

module availability 'modules/availability.bicep' = if (availabilityTest) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    insightsName: insightsName
    url: '${app.outputs.url}/api/health'
    actionGroupId: alerts.outputs.actionGroupId
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

@description('The address of the app, for callers.')
output APP_URL string = app.outputs.url

@description('The vault for the two secrets.')
output VAULT_NAME string = vault.outputs.name

// The options themselves: `azd env refresh` reads them back, so that a pipeline keeps what a person set.
output ALERT_EMAIL string = alertEmail
output PRIVATE_NETWORK bool = privateNetwork
output ENTRA_CLIENT_ID string = entraClientId
output ALLOWED_ACTIONS string = allowedActions
output SILENCE_AFTER_MINUTES int = silenceAfterMinutes
output ALWAYS_READY_INSTANCES int = alwaysReadyInstances
output REDIS bool = redis
output MAXIMUM_INSTANCES int = maximumInstances
output INSTANCE_MEMORY int = instanceMemory
output STORAGE_SKU string = storageSku
output RETENTION_DAYS int = retentionDays
output DAILY_CAP_GB int = dailyCapGb
output TRACES_KEPT int = tracesKept
output AVAILABILITY_TEST bool = availabilityTest
output APP_SETTINGS string = appSettings
