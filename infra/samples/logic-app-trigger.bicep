// A Logic App (Consumption) that starts when a contact writes, and lists the messages before that.
// It subscribes when it is deployed. Replace "What_to_do_with_it" with your own actions.
//
//   az deployment group create --resource-group YOUR-GROUP --template-file logic-app-trigger.bicep \
//     --parameters hostName=YOUR-APP.azurewebsites.net

metadata description = 'Starts when a contact writes to Wassist.'

@description('The name of the Logic App.')
param name string = 'when-a-message-is-received'

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
        When_a_message_is_received: {
          type: 'HttpWebhook'
          inputs: {
            subscribe: {
              method: 'POST'
              uri: 'https://@{parameters(\'hostName\')}/api/subscriptions'
              headers: { 'x-functions-key': '@parameters(\'functionKey\')' }
              body: {
                callbackUrl: '@{listCallbackUrl()}'
                events: ['message.received', 'subscription.message.received'] // GET /api/events lists them
              }
            }
            // This trigger cannot use the address in the answer to the subscription. After the workflow is deleted, its callback answers
            // the next event with 404, and the app unsubscribes it.
            unsubscribe: {}
          }
          // Keeps the key, which is a header, out of the trigger history.
          runtimeConfiguration: { secureData: { properties: ['inputs'] } }
        }
      }
      actions: {
        List_messages: {
          type: 'Http'
          inputs: {
            method: 'GET'
            uri: 'https://@{parameters(\'hostName\')}/api/conversations/@{encodeUriComponent(triggerBody()?[\'conversationId\'])}/messages'
            queries: { limit: 20 }
            headers: { 'x-functions-key': '@parameters(\'functionKey\')' }
          }
          runtimeConfiguration: { secureData: { properties: ['inputs'] } }
          runAfter: {}
        }
        What_to_do_with_it: {
          type: 'Compose'
          inputs: {
            deliveryId: '@triggerBody()?[\'deliveryId\']'
            from: '@triggerBody()?[\'conversation\']?[\'contactName\']'
            handledBy: '@triggerBody()?[\'conversation\']?[\'handledBy\']'
            message: '@triggerBody()?[\'message\']?[\'text\']'
            transcript: '@body(\'List_messages\')?[\'transcript\']'
          }
          runAfter: { List_messages: ['Succeeded'] }
        }
      }
    }
    parameters: {
      hostName: { value: hostName }
      functionKey: { value: functionKey }
    }
  }
}

@description('The resource id.')
output workflowId string = workflow.id
