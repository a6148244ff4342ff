// A Logic App (Consumption) that starts when a contact writes. Out of hours, it takes the conversation over from the agent and tells the
// contact when a person will answer: as a text, or as a template if the reply window is closed.
//
//   az deployment group create --resource-group YOUR-GROUP --template-file logic-app-answer.bicep \
//     --parameters hostName=YOUR-APP.azurewebsites.net
//
// The operator of the app allows the actions: azd env set ALLOWED_ACTIONS "TakeOver,SendMessage,SendTemplate"

metadata description = 'Answers a contact who writes to Wassist out of hours.'

@description('The name of the Logic App.')
param name string = 'answer-out-of-hours'

@description('Where the Logic App is.')
param location string = resourceGroup().location

@description('The address of the Conversation Lookup app without https://, such as YOUR-APP.azurewebsites.net.')
param hostName string

@description('A function key of the Conversation Lookup app. The command asks for it, so it is in no file and no shell history.')
@secure()
param functionKey string

@description('The hour at which people begin to answer.')
@minValue(0)
@maxValue(23)
param opensAt int = 9

@description('The hour at which they end.')
@minValue(1)
@maxValue(24)
param closesAt int = 18

@description('Their time zone, by its Windows name.')
param timeZone string = 'GMT Standard Time'

@description('For how long the agent stays silent, in minutes.')
@minValue(1)
@maxValue(10080)
param takeoverMinutes int = 720

@description('What the contact is told.')
@maxLength(1024)
param text string = 'Thank you for your message. We are closed now, and answer from 9:00.'

@description('A template without placeholders that says the same while the reply window is closed.')
param templateName string = 'out_of_hours'

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
        opensAt: { type: 'int' }
        closesAt: { type: 'int' }
        timeZone: { type: 'string' }
        takeoverMinutes: { type: 'int' }
        text: { type: 'string' }
        templateName: { type: 'string' }
      }
      triggers: {
        When_a_message_is_received: {
          type: 'HttpWebhook'
          inputs: {
            subscribe: {
              method: 'POST'
              uri: 'https://@{parameters(\'hostName\')}/api/subscriptions'
              headers: { 'x-functions-key': '@parameters(\'functionKey\')' }
              body: { callbackUrl: '@{listCallbackUrl()}' }
            }
            // After the workflow is deleted, its callback answers the next event with 404, and the app unsubscribes it.
            unsubscribe: {}
          }
          // Keeps the key, which is a header, out of the trigger history.
          runtimeConfiguration: { secureData: { properties: ['inputs'] } }
        }
      }
      actions: {
        Hour: {
          type: 'Compose'
          inputs: '@int(convertFromUtc(triggerBody()?[\'occurredAt\'], parameters(\'timeZone\'), \'HH\'))'
          runAfter: {}
        }
        // While the agent is handling it: after the takeover, the contact's next messages change nothing.
        Is_it_out_of_hours: {
          type: 'If'
          expression: {
            and: [
              { equals: ['@triggerBody()?[\'conversation\']?[\'handledBy\']', 'agent'] }
              {
                or: [
                  { less: ['@outputs(\'Hour\')', '@parameters(\'opensAt\')'] }
                  { greaterOrEquals: ['@outputs(\'Hour\')', '@parameters(\'closesAt\')'] }
                ]
              }
            ]
          }
          actions: {
            // The platform repeats a call that failed, and sends the same x-ms-workflow-run-id and x-ms-action-tracking-id: the app
            // recognizes the repeat by them.
            Take_over: {
              type: 'Http'
              inputs: {
                method: 'POST'
                uri: 'https://@{parameters(\'hostName\')}/api/conversations/@{encodeUriComponent(triggerBody()?[\'conversationId\'])}/takeover'
                headers: { 'x-functions-key': '@parameters(\'functionKey\')' }
                body: { minutes: '@parameters(\'takeoverMinutes\')' }
              }
              runtimeConfiguration: { secureData: { properties: ['inputs'] } }
              runAfter: {}
            }
            May_text_be_sent: {
              type: 'If'
              expression: { and: [{ equals: ['@triggerBody()?[\'conversation\']?[\'replyWindowIsOpen\']', true] }] }
              actions: {
                // A message rarely starts a second run, whose ids are others. The delivery is the same, so its id is the better key.
                Send_message: {
                  type: 'Http'
                  inputs: {
                    method: 'POST'
                    uri: 'https://@{parameters(\'hostName\')}/api/conversations/@{encodeUriComponent(triggerBody()?[\'conversationId\'])}/messages'
                    headers: {
                      'x-functions-key': '@parameters(\'functionKey\')'
                      'Idempotency-Key': '@{triggerBody()?[\'deliveryId\']}-closed'
                    }
                    body: { text: '@parameters(\'text\')' }
                  }
                  runtimeConfiguration: { secureData: { properties: ['inputs'] } }
                  runAfter: {}
                }
                // Replace it with your own action that tells a person. The detail says what to do.
                What_to_do_if_the_message_failed: {
                  type: 'Compose'
                  inputs: '@body(\'Send_message\')'
                  runAfter: { Send_message: ['Failed', 'TimedOut'] }
                }
              }
              else: {
                actions: {
                  Send_template: {
                    type: 'Http'
                    inputs: {
                      method: 'POST'
                      uri: 'https://@{parameters(\'hostName\')}/api/conversations/@{encodeUriComponent(triggerBody()?[\'conversationId\'])}/template'
                      headers: {
                        'x-functions-key': '@parameters(\'functionKey\')'
                        'Idempotency-Key': '@{triggerBody()?[\'deliveryId\']}-closed'
                      }
                      body: { templateName: '@parameters(\'templateName\')' }
                    }
                    runtimeConfiguration: { secureData: { properties: ['inputs'] } }
                    runAfter: {}
                  }
                  What_to_do_if_the_template_failed: {
                    type: 'Compose'
                    inputs: '@body(\'Send_template\')'
                    runAfter: { Send_template: ['Failed', 'TimedOut'] }
                  }
                }
              }
              runAfter: { Take_over: ['Succeeded'] }
            }
          }
          runAfter: { Hour: ['Succeeded'] }
        }
      }
    }
    parameters: {
      hostName: { value: hostName }
      functionKey: { value: functionKey }
      opensAt: { value: opensAt }
      closesAt: { value: closesAt }
      timeZone: { value: timeZone }
      takeoverMinutes: { value: takeoverMinutes }
      text: { value: text }
      templateName: { value: templateName }
    }
  }
}

@description('The resource id.')
output workflowId string = workflow.id
