metadata description = 'What wakes somebody: rules over the metrics that the app sends.'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Where the metrics are.')
param workspaceId string

@description('Who is mailed, or nothing.')
param email string

@description('One rule.')
type rule = {
  name: string
  description: string
  severity: 0 | 1 | 2 | 3 | 4
  @description('KQL with a column "total".')
  query: string
  @description('More than so many in 15 minutes.')
  threshold: int
}

var rules rule[] = [
  {
    name: 'failed-lookups'
    description: 'Answers fail for a reason that the caller cannot mend. README.md, "When something is wrong", has each code.'
    severity: 2
    query: 'AppMetrics | where Name == "conversation_lookup.answers" | where tostring(Properties.outcome) in ("internal_error", "secret_unavailable", "storage_unavailable", "overloaded", "circuit_open", "upstream_unavailable", "upstream_timeout", "upstream_invalid_response", "upstream_rejected_request") | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 10
  }
  {
    name: 'rejected-credentials'
    description: 'Wassist does not accept the API key. Make a new one in Wassist and set the secret wassist-api-key; no restart.'
    severity: 1
    query: 'AppMetrics | where Name == "conversation_lookup.upstream.duration" | where tostring(Properties.outcome) == "upstream_rejected_credentials" | summarize total = sum(ItemCount) by bin(TimeGenerated, 5m)'
    threshold: 0
  }
  {
    name: 'poison-messages'
    description: 'Something could not be handled or delivered and is kept for 7 days in a queue that ends in -poison. Comes again each day while it is there.'
    severity: 1
    query: 'AppMetrics | where Name in ("conversation_lookup.poisoned", "conversation_lookup.poison_messages") | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 0
  }
  {
    name: 'unreadable-events'
    description: 'Wassist sent a signed event that this app cannot read, and does not send it again. The log says what is wrong with it.'
    severity: 1
    query: 'AppMetrics | where Name == "conversation_lookup.events" | where tostring(Properties.outcome) == "unreadable" | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 0
  }
  {
    name: 'signature-failures'
    description: 'Webhooks come that were not signed with the secret wassist-webhook-secret: it is not the one in Wassist any more, or somebody forges.'
    severity: 2
    query: 'AppMetrics | where Name == "conversation_lookup.signatures" | where tostring(Properties.outcome) == "unknown" | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 3 // the four tries of one event
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'conv-lookup'
    enabled: true
    emailReceivers: empty(email) ? [] : [{ name: 'operator', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${rule.name}-${token}'
    location: location
    tags: tags
    properties: {
      displayName: rule.name
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      skipQueryValidation: true // the table is there once the app has sent something
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'total'
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]
