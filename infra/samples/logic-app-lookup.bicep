// A Logic App (Consumption) that looks up a conversation on request:
//   POST {"conversationId": "7c1e4b52-…"} to its address, which the portal shows. The response is the conversation.
//
//   az deployment group create --resource-group YOUR-GROUP --template-file logic-app-lookup.bicep \
//     --parameters hostName=YOUR-APP.azurewebsites.net

metadata description = 'Looks up a Wassist conversation on request.'

@description('The name of the Logic App.')
param name string = 'look-up-conversation'

@description('Where the Logic App is.')
param location string = resourceGroup().location

@description('The address of the Conversation Lookup app without https://, such as YOUR-APP.azurewebsites.net.')
param hostName string

@description('A function key of the Conversation Lookup app. The command asks for it, so it is in no file and no shell history.')
@secure()
param functionKey string

resource workflow 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  properties: {
    definition: {
      '$schema': 'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#'
      contentVersion: '1.0.0.0'
      parameters: {
        hostName: { type: 'string' }
        functionKey: { type: 'securestring' }
      }
      triggers: {
        When_someone_asks: {
          type: 'Request'
          kind: 'Http'
          inputs: {
            method: 'POST'
            schema: {
              type: 'object'
              properties: { conversationId: { type: 'string' } }
              required: ['conversationId']
            }
          }
        }
      }
      actions: {
        Get_conversation: {
          type: 'Http'
          inputs: {
            method: 'GET'
            uri: 'https://@{parameters(\'hostName\')}/api/conversations/@{encodeUriComponent(triggerBody()?[\'conversationId\'])}'
            headers: { 'x-functions-key': '@parameters(\'functionKey\')' }
          }
          // Keeps the key, which is a header, out of the run history.
          runtimeConfiguration: { secureData: { properties: ['inputs'] } }
          runAfter: {}
        }
        Answer: {
          type: 'Response'
          kind: 'Http'
          inputs: {
            statusCode: '@outputs(\'Get_conversation\')?[\'statusCode\']'
            headers: { 'content-type': 'application/json' }
            body: '@body(\'Get_conversation\')'
          }
          runAfter: { Get_conversation: ['Succeeded'] }
        }
        // A problem is passed on, too: its code and its detail say what to do.
        Answer_the_problem: {
          type: 'Response'
          kind: 'Http'
          inputs: {
            statusCode: '@coalesce(outputs(\'Get_conversation\')?[\'statusCode\'], 504)'
            headers: { 'content-type': 'application/problem+json' }
            body: '@body(\'Get_conversation\')'
          }
          runAfter: { Get_conversation: ['Failed', 'TimedOut'] }
        }
      }
    }
    parameters: {
      hostName: { value: hostName }
      functionKey: { value: functionKey }
    }
  }
}

@description('The resource id; the portal shows the address to POST to under Logic app designer.')
output workflowId string = workflow.id
