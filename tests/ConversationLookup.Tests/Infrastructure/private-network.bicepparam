using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param privateNetwork = true
param alwaysReadyInstances = 2
