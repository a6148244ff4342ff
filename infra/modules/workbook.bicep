metadata description = 'The workbook, and its queries as saved searches to start from.'

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('The workspace with the metrics.')
param workspaceName string

@description('A query of the workbook.')
type tile = { name: string, content: { title: string, query: string } }

var tiles tile[] = map(filter(loadJsonContent('../workbook.json').items, item => item.type == 3), item => {
  name: item.name
  content: { title: item.content.title, query: item.content.query }
})

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName

  resource queries 'savedSearches' = [
    for tile in tiles: {
      name: 'conversation-lookup-${tile.name}'
      properties: {
        // Without it the second deployment is answered 409; the types do not know it.
        #disable-next-line BCP037
        etag: '*'
        category: 'Conversation Lookup'
        displayName: tile.content.title
        query: tile.content.query
        version: 2
      }
    }
  ]
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'conversation-lookup')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Conversation Lookup'
    category: 'workbook'
    sourceId: workspace.id
    // Its queries ask the workspace, wherever it is opened.
    serializedData: replace(loadTextContent('../workbook.json'), '"Azure Monitor"', '"${workspace.id}"')
  }
}
