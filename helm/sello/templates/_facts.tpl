{{/*
What is true of the code and not a matter of choice: how each service's variables begin, where it listens, whom it asks, which
role it has in PostgreSQL and NATS, and the names of its durable consumers. tests/helm reads the sources and compares.

And of which queues pods are added for: rows that more pods would take sooner. Those count only while the first of them has been due
for 15 seconds, half of what the growth document allows: what waits for the morning or for its pace is not due. A campaign's messages
(marketing) never count, since a sender hands over no more than so many a second whoever it does by. Nor do a campaign's open sends:
they wait for others, and what these tell comes by the stream.
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
  queues:
    - >-
      sum(max by (category) (messages_waiting{category!="marketing"})
      and on (category) max by (category) (messages_oldest_waiting_seconds) > 15)
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
  queues:
    - >-
      sum(max by (wallet) (pushes_waiting)
      and on (wallet) max by (wallet) (pushes_oldest_waiting_seconds) > 15
      unless on (wallet) max by (wallet) (wallet_stopped) == 1)
{{- end }}
