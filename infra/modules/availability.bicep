metadata description = 'Calls the health route from outside, and alerts when the app does not answer.'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('The Application Insights resource that keeps the results.')
param insightsName string

@description('The address to call.')
param url string

@description('Who is notified.')
param actionGroupId string

// https://learn.microsoft.com/azure/azure-monitor/app/availability#location-population-tags: West Europe, East US, Southeast Asia
var locations = ['emea-nl-ams-azr', 'us-va-ash-azr', 'apac-sg-sin-azr']

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'health-${token}'
  location: location
  tags: union(tags, { 'hidden-link:${insights.id}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-${token}'
    Name: 'health'
    Kind: 'standard'
    Enabled: true
    Frequency: 900
    Timeout: 30
    RetryEnabled: true // an instance that has to start first is not an outage
    Locations: [for id in locations: { Id: id }]
    Request: { RequestUrl: url, HttpVerb: 'GET' }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true }
  }
}

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-no-answer-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The app does not answer /api/health with 200 from two of three places. docs/operations.md, "When something is wrong", says where to look.'
    severity: 1
    enabled: true
    scopes: [test.id, insights.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: insights.id
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}
