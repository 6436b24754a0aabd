{{/* What fits no schema: settings that make sense each and none together. */}}
{{- define "sello.validate" -}}
{{- $values := .Values -}}
{{- range $name, $_ := $values.services -}}
{{- if not (hasKey (include "sello.facts" $ | fromYaml) $name) -}}
{{- fail (printf "services.%s: there is no such service" $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := include "sello.facts" $ | fromYaml -}}
{{- $own := mergeOverwrite (deepCopy $values.serviceDefaults) (index $values.services $name | default dict) -}}
{{- if and $own.autoscaling.enabled (gt (int $own.replicas) (int $own.autoscaling.maxReplicas)) -}}
{{- fail (printf "services.%s.replicas: there are never more than autoscaling.maxReplicas (%d); raise that too" $name (int $own.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- if and (not $values.image.registry) (ne $values.image.pullPolicy "Never") -}}
{{- fail "image.registry: name the registry that `make images REGISTRY=…` put Sello's images into; where they lie on every node already, say image.pullPolicy=Never" -}}
{{- end -}}
{{- if and (not $values.migrations.enabled) (not $values.offline) -}}
{{- fail "migrations.enabled: whoever works needs her schema as her version knows it; without migrations everybody rests (offline: true)" -}}
{{- end -}}
{{- if and $values.pgbouncer.enabled (lt (int $values.pgbouncer.maxDatabaseConnections) (mul 6 (int $values.pgbouncer.poolSize) | int)) -}}
{{- fail (printf "pgbouncer.maxDatabaseConnections: %d are fewer than each of six roles may hold (poolSize: %d); they would end each other's connections under load" (int $values.pgbouncer.maxDatabaseConnections) (int $values.pgbouncer.poolSize)) -}}
{{- end -}}
{{- if $values.postgresql.bundled.enabled -}}
{{- include "sello.validateConnections" . -}}
{{- end -}}
{{- if not $values.postgresql.bundled.enabled -}}
{{- if not $values.postgresql.external.host -}}{{- fail "postgresql.external.host: without a PostgreSQL of its own the release needs another's address" -}}{{- end -}}
{{- if not $values.secrets.database.existingSecret -}}{{- fail "secrets.database.existingSecret: the roles of another PostgreSQL have passwords that cannot be made up here" -}}{{- end -}}
{{- if and $values.postgresql.provision.enabled (not $values.postgresql.provision.existingSecret) -}}{{- fail "postgresql.provision.existingSecret: name the Secret with the administrator's `username` and `password`" -}}{{- end -}}
{{- end -}}
{{- if and (eq (include "sello.postgresqlSslmode" .) "verify-ca") (not (include "sello.postgresqlCa" .)) -}}{{- fail "postgresql.external.sslmode: verify-ca believes every server with a certificate that everybody trusts; name your own authority (postgresql.external.caSecret), or say verify-full" -}}{{- end -}}
{{- if and $values.postgresql.external.replica.host $values.postgresql.bundled.enabled -}}{{- fail "postgresql.external.replica.host: the release's own PostgreSQL has no replica" -}}{{- end -}}
{{- if not $values.nats.bundled.enabled -}}
{{- if not $values.nats.external.url -}}{{- fail "nats.external.url: without a NATS of its own the release needs another's address" -}}{{- end -}}
{{- range $address := splitList "," $values.nats.external.url -}}
{{- $port := regexFind ":[0-9]+/?$" (trim $address) | trimPrefix ":" | trimSuffix "/" | default "4222" -}}
{{- if and $address (ne $port (toString $values.nats.external.port)) -}}{{- fail (printf "nats.external.port: the address has the port %s, and the NetworkPolicy opens %v" $port $values.nats.external.port) -}}{{- end -}}
{{- end -}}
{{- if not $values.secrets.nats.existingSecret -}}{{- fail "secrets.nats.existingSecret: the users of another NATS have passwords that cannot be made up here" -}}{{- end -}}
{{- if and $values.keda.enabled (not $values.nats.external.monitoring) -}}{{- fail "nats.external.monitoring: KEDA asks NATS how much waits; name its monitoring address" -}}{{- end -}}
{{- end -}}
{{- $wallet := mergeOverwrite (deepCopy $values.serviceDefaults) (index $values.services "wallet-pass" | default dict) -}}
{{- $many := or (gt (int $wallet.replicas) 1) $wallet.autoscaling.enabled -}}
{{- if and $many (not $values.objects.url) (not (has "ReadWriteMany" $values.objects.volume.accessModes)) -}}
{{- fail "objects.url: several wallet-pass pods share their pictures through a bucket (s3://…) or a volume that many nodes may mount" -}}
{{- end -}}
{{- if and $values.whatsapp.enabled (not $values.whatsapp.existingSecret) -}}{{- fail "whatsapp.existingSecret: name the Secret with Twilio's `account-sid` and `auth-token`" -}}{{- end -}}
{{- if and $values.appleWallet.enabled (not (and $values.appleWallet.existingSecret $values.appleWallet.passType $values.appleWallet.team)) -}}{{- fail "appleWallet: existingSecret, passType and team belong together" -}}{{- end -}}
{{- if and $values.googleWallet.enabled (not (and $values.googleWallet.existingSecret $values.googleWallet.issuerId)) -}}{{- fail "googleWallet: existingSecret and issuerId belong together" -}}{{- end -}}
{{- if and $values.webPush.enabled (not $values.webPush.existingSecret) -}}{{- fail "webPush.existingSecret: name the Secret with the private `key`" -}}{{- end -}}
{{- if and (or $values.whatsapp.enabled $values.appleWallet.enabled $values.googleWallet.enabled $values.webPush.enabled) (not (hasPrefix "https://" (include "sello.publicUrl" .))) -}}{{- fail "publicUrl: WhatsApp, wallets and browsers with notices reach the gateway by an address that begins with https://" -}}{{- end -}}
{{- if and $values.ingress.enabled (not (and $values.ingress.host $values.ingress.tlsSecret)) -}}{{- fail "ingress: host and tlsSecret belong together" -}}{{- end -}}
{{- if and $values.gatewayApi.enabled (not $values.gatewayApi.host) -}}{{- fail "gatewayApi.host: name the host that people type" -}}{{- end -}}
{{- if and $values.gatewayApi.enabled (not $values.gatewayApi.parentRefs) (not (and $values.gatewayApi.className $values.gatewayApi.tlsSecret)) -}}{{- fail "gatewayApi: name a Gateway that is there (parentRefs), or className and tlsSecret of one to make" -}}{{- end -}}
{{- include "sello.validatePublicUrl" . -}}
{{- if and (or $values.ingress.enabled $values.gatewayApi.enabled) (not $values.trustedProxies) -}}{{- fail "trustedProxies: behind a proxy, name the networks it calls from, or every customer has the proxy's address" -}}{{- end -}}
{{- end }}

{{/* Posters are printed with it: by https where the release's own door ends TLS, and never of a door for many names. */}}
{{- define "sello.validatePublicUrl" -}}
{{- $said := include "sello.publicUrl" . -}}
{{- $doors := include "sello.doors" . -}}
{{- if and .Values.gatewayApi.enabled (not $said) -}}{{- fail "publicUrl: behind another's Gateway (gatewayApi.parentRefs) say the address that people type, since posters are printed with it" -}}{{- end -}}
{{- if $doors -}}
{{- if contains "*" $said -}}{{- fail "publicUrl: a door for many names has no address to print; say the one that people type" -}}{{- end -}}
{{- if not (hasPrefix "https://" $said) -}}{{- fail (printf "publicUrl: the door of this release (%s) ends TLS, and posters would be printed with %s; say https://…, or leave it empty" $doors $said) -}}{{- end -}}
{{- end -}}
{{- end }}

{{/* True where posters are printed with a host that none of the release's doors has: something else, as a CDN, has to lead there. */}}
{{- define "sello.isPublicElsewhere" -}}
{{- $doors := include "sello.doors" . -}}
{{- $host := regexReplaceAll ":[0-9]+$" (urlParse (include "sello.publicUrl" .)).host "" | lower -}}
{{- if and $doors (not .Values.gatewayApi.parentRefs) (not (contains "*" $doors)) (not (has $host (splitList ", " $doors))) }}true{{ end }}
{{- end }}

{{/* Its own PostgreSQL takes in whoever may come: the pooler's pods and one more while they are changed, or twice every pod of the services,
since one that ends keeps its connections while the next comes. Twenty connections pass that by, as `sello growth` reckons: migrations, a backup, an administrator. */}}
{{- define "sello.validateConnections" -}}
{{- $values := .Values -}}
{{- $most := int $values.postgresql.bundled.maxConnections -}}
{{- $direct := 20 -}}
{{- if $values.pgbouncer.enabled -}}
{{- $pods := add1 (int $values.pgbouncer.replicas) -}}
{{- $wanted := add $direct (mul $pods (int $values.pgbouncer.maxDatabaseConnections)) -}}
{{- if gt $wanted (int64 $most) -}}
{{- fail (printf "pgbouncer.maxDatabaseConnections: %d pods of PgBouncer while one is changed, with %d connections each, and %d beside them, are more than postgresql.bundled.maxConnections (%d)" $pods (int $values.pgbouncer.maxDatabaseConnections) $direct $most) -}}
{{- end -}}
{{- else -}}
{{- $wanted := dict "connections" (int64 $direct) -}}
{{- range $name, $fact := include "sello.facts" . | fromYaml -}}
{{- if not $fact.storeless -}}
{{- $own := mergeOverwrite (deepCopy $values.serviceDefaults) (index $values.services $name | default dict) -}}
{{- $pods := ternary (int $own.autoscaling.maxReplicas) (int $own.replicas) $own.autoscaling.enabled -}}
{{- $_ := set $wanted "connections" (add $wanted.connections (mul 2 $pods (int $own.databaseConnections))) -}}
{{- end -}}
{{- end -}}
{{- if gt $wanted.connections (int64 $most) -}}
{{- fail (printf "postgresql.bundled.maxConnections: without a pooler the services may open %d connections while their pods are changed and the old ones end, more than %d" $wanted.connections $most) -}}
{{- end -}}
{{- end -}}
{{- end }}
