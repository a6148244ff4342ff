metadata description = 'Alert rules on the metrics that the app sends.'

@description('What makes names unique.')
@minLength(13)
param token string

@description('Where it is.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Where the metrics are.')
param workspaceId string

@description('The email address that is notified, or empty.')
param email string

@description('One rule.')
type rule = {
  name: string
  description: string
  severity: 0 | 1 | 2 | 3 | 4
  @description('KQL with a column "total".')
  query: string
  @description('The alert fires above this number in 15 minutes.')
  threshold: int
}

var rules rule[] = [
  {
    name: 'failed-lookups'
    description: 'Answers fail for a reason that the caller cannot fix. docs/operations.md, "When something is wrong", explains each code.'
    severity: 2
    query: 'AppMetrics | where Name == "conversation_lookup.answers" | where tostring(Properties.outcome) in ("internal_error", "secret_unavailable", "storage_unavailable", "overloaded", "circuit_open", "upstream_unavailable", "upstream_timeout", "upstream_invalid_response", "upstream_rejected_request") | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 10
  }
  {
    name: 'rejected-credentials'
    description: 'Wassist does not accept the API key. Create a new key in Wassist and set the secret wassist-api-key. No restart is needed.'
    severity: 1
    query: 'AppMetrics | where Name == "conversation_lookup.upstream.duration" | where tostring(Properties.outcome) == "upstream_rejected_credentials" | summarize total = sum(ItemCount) by bin(TimeGenerated, 5m)'
    threshold: 0
  }
  {
    name: 'rate-limited'
    description: 'Callers are refused because Wassist allows 100 calls a minute. docs/operations.md, "When something is wrong", says what to change.'
    severity: 2
    query: 'AppMetrics | where Name == "conversation_lookup.answers" | where tostring(Properties.outcome) == "upstream_rate_limited" | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 10
  }
  {
    name: 'poison-messages'
    description: 'A message could not be processed or delivered. It is kept for 7 days in a queue whose name ends in -poison. This alert repeats daily until the queue is empty.'
    severity: 1
    query: 'AppMetrics | where Name in ("conversation_lookup.poisoned", "conversation_lookup.poison_messages") | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 0
  }
  {
    name: 'unreadable-events'
    description: 'Wassist sent a signed event that this app cannot read. Wassist does not send it again. The log says what is wrong with it.'
    severity: 1
    query: 'AppMetrics | where Name == "conversation_lookup.events" | where tostring(Properties.outcome) == "unreadable" | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 0
  }
  {
    name: 'unknown-outcomes'
    description: 'The answer of Wassist to an action was lost, and the app cannot tell whether it was done. A person must look and decide. docs/operations.md, outcome_unknown, says how.'
    severity: 1
    query: 'AppMetrics | where Name == "conversation_lookup.actions" | where tostring(Properties.outcome) == "outcome_unknown" | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 0
  }
  {
    name: 'signature-failures'
    description: 'Webhooks arrive that were not signed with the secret wassist-webhook-secret. Either the secret was changed in Wassist, or somebody is forging webhooks.'
    severity: 2
    query: 'AppMetrics | where Name == "conversation_lookup.signatures" | where tostring(Properties.outcome) == "unknown" | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 3 // the four tries of one event
  }
  {
    name: 'webhook'
    description: 'The webhook in Wassist is off, is about to be switched off, leads elsewhere, lacks an event, or has been silent for longer than usual. /api/health says which and what to do.'
    severity: 1
    query: 'AppMetrics | where Name == "conversation_lookup.webhook_looks" | where tostring(Properties.outcome) in ("missing", "off", "failing", "lacks_events", "silent") | summarize total = sum(Sum) by bin(TimeGenerated, 5m)'
    threshold: 0
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

@description('Who is notified, for other alerts.')
output actionGroupId string = people.id
