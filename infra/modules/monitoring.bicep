metadata description = 'Where logs, traces and metrics go.'

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Who may send: the app.')
param identityName string

@description('The name of the workspace.')
param workspaceName string

@description('The name of the Application Insights resource.')
param insightsName string

@description('The number of days for which telemetry is kept.')
param retentionDays int

@description('The daily cap, in GB.')
param dailyCapGb int

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true // only who has the role below may send
  }
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identity.id, monitoringMetricsPublisher)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

@description('The workspace, for alerts and diagnostics.')
output workspaceId string = workspace.id

@description('Where to send telemetry. Without the role above, it grants nothing.')
output connectionString string = insights.properties.ConnectionString
