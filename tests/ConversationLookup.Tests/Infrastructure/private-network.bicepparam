using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param privateNetwork = true
param alwaysReadyInstances = 2
param operatorId = '22222222-3333-4444-8555-666666666666'
param operatorType = 'None'
param tracesKept = 5
param allowedActions = 'SendMessage,TakeOver'
param silenceAfterMinutes = 720
param appSettings = 'Lookup__CacheSeconds=5; Subscriptions__AllowedCallbackHosts=*.logic.azure.com,a=b;'
param redis = true
param maximumInstances = 60
param instanceMemory = 512
param retentionDays = 90
param dailyCapGb = 3
param availabilityTest = false
param recoverVault = true
