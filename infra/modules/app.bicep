metadata description = 'The function app on Flex Consumption.'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('The identity of the app.')
param identityName string

@description('Blobs.')
param blobEndpoint string

@description('Queues.')
param queueEndpoint string

@description('Tables.')
param tableEndpoint string

@description('The blob container of the deployment package.')
param packageContainer string

@description('The vault of the two secrets.')
param vaultUri string

@description('Where telemetry goes.')
param applicationInsightsConnectionString string

@description('The private network for outgoing connections, or empty.')
param networkName string

@description('The app registration whose tokens callers must send, or empty.')
param entraClientId string

@description('The actions that flows may use, by name, or empty.')
param allowedActions string

@description('The number of minutes without any event after which an operator is told, or 0.')
param silenceAfterMinutes int

@description('The number of instances that are always ready for requests.')
param alwaysReadyInstances int

@description('The largest number of instances.')
param maximumInstances int

@description('Memory of an instance in MB.')
param instanceMemory int

@description('The percentage of traces to keep.')
param tracesKept int

@description('Whether there is a Redis that all instances share.')
param redis bool

@description('The host of Redis, or empty.')
param redisHost string

@description('Settings of the app, in addition to those below.')
param moreSettings { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    publicNetworkAccess: 'Enabled' // flows and Wassist call it
    virtualNetworkSubnetId: empty(networkName)
      ? null
      : resourceId('Microsoft.Network/virtualNetworks/subnets', networkName, 'app')
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      remoteDebuggingEnabled: false
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
        triggers: { http: { perInstanceConcurrency: 100 } } // lookups wait for Wassist, not for the processor
      }
    }
  }

  // Names only: the two secrets are in the vault, and the rest is reached with the identity.
  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      ...moreSettings
      ...(empty(allowedActions) ? {} : { Actions__Allowed: allowedActions })
      ...(silenceAfterMinutes == 0 ? {} : { Webhooks__SilenceAfterMinutes: string(silenceAfterMinutes) })
      // A user without a password is the app's identity.
      ...(redis
        ? { ConnectionStrings__Redis: '${redisHost}:10000,ssl=true,user=${identity.properties.principalId}' }
        : {})
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      AzureWebJobsStorage__blobServiceUri: blobEndpoint
      AzureWebJobsStorage__queueServiceUri: queueEndpoint
      AzureWebJobsStorage__tableServiceUri: tableEndpoint
      KeyVault__Uri: vaultUri
      AZURE_CLIENT_ID: identity.properties.clientId
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
      AzureWebJobsDisableHomepage: 'true'
      APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage' // a trace is kept or dropped as a whole, over the queues too
      OTEL_TRACES_SAMPLER_ARG: tracesKept == 100 ? '1' : '0.${padLeft(tracesKept, 2, '0')}'
    }
  }

  resource ftpPasswords 'basicPublishingCredentialsPolicies' = { name: 'ftp', properties: { allow: false } }

  resource deployPasswords 'basicPublishingCredentialsPolicies' = { name: 'scm', properties: { allow: false } }

  // These routes need no function key, so they cannot need a token: Wassist signs its webhooks, and the platform unsubscribes without a key.
  resource signIn 'config' = if (!empty(entraClientId)) {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: 'Return401'
        excludedPaths: ['/api/webhooks/wassist', '/api/subscriptions/*', '/api/health', '/api/swagger.json']
      }
      httpSettings: { requireHttps: true }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: entraClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: { allowedAudiences: [entraClientId, 'api://${entraClientId}'] }
        }
      }
      login: { tokenStore: { enabled: false } }
    }
  }
}

@description('Its name.')
output name string = app.name

@description('The address of the app, for callers.')
output url string = 'https://${app.properties.defaultHostName}'
