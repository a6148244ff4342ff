using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param entraClientId = '11111111-2222-4333-8444-555555555555'
param operatorId = '22222222-3333-4444-8555-666666666666'
param alertEmail = 'operator@example.com'
param redis = true
