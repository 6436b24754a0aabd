{{/*
What is true of the code and not a matter of choice: how each service's variables begin, where it listens, whom it asks, which
role it has in PostgreSQL and NATS, and the names of its durable consumers. tests/helm reads the sources and compares.
*/}}
{{- define "sello.facts" -}}
analytics:
  prefix: ANALYTICS
  port: 7107
  admin: 7207
  asks: [enrollment]
  role: analytics
  consumers: [analytics]
campaign:
  prefix: CAMPAIGN
  port: 7104
  admin: 7204
  asks: [enrollment, messaging]
  role: campaign
  serviceSecret: true
  consumers: [campaign]
  queues: ["max(campaign_sends_open)"]
enrollment:
  prefix: ENROLLMENT
  port: 7101
  admin: 7201
  asks: []
  role: enrollment
  serviceSecret: true
  consumers: [enrollment-stamping]
gateway:
  prefix: GATEWAY
  port: 8080
  admin: 9100
  asks: [analytics, campaign, enrollment, messaging, stamping, wallet-pass]
  role: gateway
  serviceSecret: true
  storeless: true
  consumers: []
messaging:
  prefix: MESSAGING
  port: 7105
  admin: 7205
  asks: [enrollment, stamping]
  role: messaging
  serviceSecret: true
  outside: true
  consumers: [messaging]
  queues: ["sum(max by (category) (messages_waiting))"]
stamping:
  prefix: STAMPING
  port: 7102
  admin: 7202
  asks: [enrollment]
  role: stamping
  serviceSecret: true
  consumers: [stamping-enrollment]
wallet-pass:
  prefix: WALLET_PASS
  port: 7106
  admin: 7206
  asks: [enrollment, stamping]
  role: wallet_pass
  serviceSecret: true
  outside: true
  consumers: [wallet-pass]
  queues: ["max(pushes_waiting)"]
{{- end }}
