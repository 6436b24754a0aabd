{{/* The variables of one service's process: dict "root" "name" "fact" "values". Every name is one that its settings know. */}}
{{- define "sello.environment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $fact := .fact -}}
{{- $own := printf "%s__" $fact.prefix -}}
{{- $application := include "sello.secret" (dict "root" $root "group" "application") -}}
{{- $nats := include "sello.secret" (dict "root" $root "group" "nats") -}}
{{ include "sello.env" (dict "name" (print $own "LISTEN") "value" (printf "%s:%d" (include "sello.everywhere" $root) (int $fact.port))) }}
{{ include "sello.env" (dict "name" (print $own "ADMIN") "value" (printf "%s:%d" (include "sello.everywhere" $root) (int $fact.admin))) }}
{{ include "sello.env" (dict "name" (print $own "DRAIN_MS") "value" (mul 1000 (int $values.drainSeconds))) }}
{{ include "sello.telemetryEnvironment" . }}
{{ include "sello.env" (dict "name" (print $own "NATS__URL") "value" (include "sello.natsUrl" $root)) }}
{{ include "sello.env" (dict "name" (print $own "NATS__USER") "value" $fact.role) }}
{{ include "sello.secretEnv" (dict "name" (print $own "NATS__PASSWORD") "secret" $nats "key" (print "nats-" .name)) }}
{{ include "sello.env" (dict "name" (print $own "NATS__REPLICAS") "value" (ternary 1 (int $values.nats.external.streamReplicas) $values.nats.bundled.enabled)) }}
{{- if include "sello.natsCa" $root }}
{{ include "sello.env" (dict "name" (print $own "NATS__CA") "value" "/etc/sello/nats-ca/ca.crt") }}
{{- end }}
{{- if not $fact.storeless }}
{{- $database := include "sello.secret" (dict "root" $root "group" "database") }}
{{ include "sello.databaseEnvironment" (dict "root" $root "name" .name "fact" $fact "direct" false "secret" $database) }}
{{ include "sello.env" (dict "name" (print $own "DATABASE__MAX_CONNECTIONS") "value" (int .values.databaseConnections)) }}
{{- end }}
{{- if and (eq .name "analytics") (include "sello.replicaUrl" $root) }}
{{ include "sello.env" (dict "name" "ANALYTICS__REPLICA" "value" (include "sello.replicaUrl" $root)) }}
{{- end }}
{{- $facts := include "sello.facts" $root | fromYaml }}
{{- range $fact.asks }}
{{ include "sello.env" (dict "name" (printf "%s%s_URL" $own (upper . | replace "-" "_")) "value" (printf "http://%s-%s:%d" (include "sello.fullname" $root) . (int (index $facts .).port))) }}
{{- end }}
{{- if $fact.serviceSecret }}
{{ include "sello.secretEnv" (dict "name" (print $own "SERVICE_SECRET") "secret" $application "key" "service-secret") }}
{{- end }}
{{- if has .name (list "campaign" "messaging") }}
{{- with $values.privacy.retentionMonths }}
{{ include "sello.env" (dict "name" (print $own "RETENTION__MONTHS") "value" (int .)) }}
{{- end }}
{{ include "sello.env" (dict "name" (print $own "RETENTION__DETACHED") "value" $values.privacy.oldMonths) }}
{{- end }}
{{- if eq .name "enrollment" }}
{{ include "sello.secretEnv" (dict "name" "ENROLLMENT__OPERATOR_SECRET" "secret" $application "key" "operator-secret") }}
{{- range $key, $setting := dict "processor" "PROCESSOR" "recipientsEs" "RECIPIENTS_ES" "recipientsEn" "RECIPIENTS_EN" "retentionMonths" "RETENTION_MONTHS" }}
{{- with index $values.privacy $key }}
{{ include "sello.env" (dict "name" (print "ENROLLMENT__PRIVACY__" $setting) "value" .) }}
{{- end }}
{{- end }}
{{- else if eq .name "stamping" }}
{{ include "sello.secretEnv" (dict "name" "STAMPING__CODE_KEYS" "secret" $application "key" "code-keys") }}
{{ include "sello.env" (dict "name" "STAMPING__LANES" "value" (int .values.lanes)) }}
{{ include "sello.env" (dict "name" "STAMPING__SEARCH_CAP" "value" (int .values.searchCap)) }}
{{- else if eq .name "gateway" }}
{{ include "sello.env" (dict "name" "GATEWAY__PUBLIC_URL" "value" (include "sello.publicUrl" $root)) }}
{{ include "sello.env" (dict "name" "GATEWAY__TRUSTED_PROXIES" "value" (join "," $values.trustedProxies)) }}
{{- range $limit, $rate := .values.limits }}
{{ include "sello.env" (dict "name" (printf "GATEWAY__LIMITS__%s__PER_MINUTE" (upper $limit)) "value" (int $rate.perMinute)) }}
{{ include "sello.env" (dict "name" (printf "GATEWAY__LIMITS__%s__BURST" (upper $limit)) "value" (int $rate.burst)) }}
{{- end }}
{{- else if eq .name "messaging" }}
{{ include "sello.env" (dict "name" "MESSAGING__PUBLIC_URL" "value" (include "sello.publicUrl" $root)) }}
{{ include "sello.secretEnv" (dict "name" "MESSAGING__ADDRESS_SECRET" "secret" $application "key" "address-secret") }}
{{ include "sello.env" (dict "name" "MESSAGING__PROVIDER" "value" (ternary "live" "off" $values.whatsapp.enabled)) }}
{{- if $values.whatsapp.enabled }}
{{- $twilio := $values.whatsapp.existingSecret }}
{{ include "sello.secretEnv" (dict "name" "MESSAGING__TWILIO__ACCOUNT_SID" "secret" $twilio "key" "account-sid") }}
{{ include "sello.secretEnv" (dict "name" "MESSAGING__TWILIO__AUTH_TOKEN" "secret" $twilio "key" "auth-token") }}
{{- if $values.whatsapp.apiKey }}
{{ include "sello.secretEnv" (dict "name" "MESSAGING__TWILIO__API_KEY" "secret" $twilio "key" "api-key") }}
{{ include "sello.secretEnv" (dict "name" "MESSAGING__TWILIO__API_SECRET" "secret" $twilio "key" "api-secret") }}
{{- end }}
{{- end }}
{{- else if eq .name "wallet-pass" }}
{{ include "sello.env" (dict "name" "WALLET_PASS__PUBLIC_URL" "value" (include "sello.publicUrl" $root)) }}
{{ include "sello.secretEnv" (dict "name" "WALLET_PASS__LINK_SECRET" "secret" $application "key" "link-secret") }}
{{ include "sello.env" (dict "name" "WALLET_PASS__OBJECTS" "value" ($values.objects.url | default "/var/lib/sello/objects")) }}
{{- with $values.objects.existingSecret }}
{{ include "sello.secretEnv" (dict "name" "AWS_ACCESS_KEY_ID" "secret" . "key" "access-key-id") }}
{{ include "sello.secretEnv" (dict "name" "AWS_SECRET_ACCESS_KEY" "secret" . "key" "secret-access-key") }}
{{- end }}
{{- if $values.appleWallet.enabled }}
{{ include "sello.env" (dict "name" "WALLET_PASS__APPLE__PASS_TYPE" "value" $values.appleWallet.passType) }}
{{ include "sello.env" (dict "name" "WALLET_PASS__APPLE__TEAM" "value" $values.appleWallet.team) }}
{{ include "sello.env" (dict "name" "WALLET_PASS__APPLE__P12" "value" "/etc/sello/apple/pass.p12") }}
{{ include "sello.secretEnv" (dict "name" "WALLET_PASS__APPLE__P12_PASSWORD" "secret" $values.appleWallet.existingSecret "key" "p12-password") }}
{{- if $values.appleWallet.intermediate }}
{{ include "sello.env" (dict "name" "WALLET_PASS__APPLE__INTERMEDIATE" "value" "/etc/sello/apple/intermediate.pem") }}
{{- end }}
{{- end }}
{{- if $values.googleWallet.enabled }}
{{ include "sello.env" (dict "name" "WALLET_PASS__GOOGLE__ISSUER_ID" "value" $values.googleWallet.issuerId) }}
{{ include "sello.env" (dict "name" "WALLET_PASS__GOOGLE__SERVICE_ACCOUNT" "value" "/etc/sello/google/service-account.json") }}
{{- end }}
{{- if $values.webPush.enabled }}
{{ include "sello.secretEnv" (dict "name" "WALLET_PASS__WEB__KEY" "secret" $values.webPush.existingSecret "key" "key") }}
{{- with $values.webPush.subject }}
{{ include "sello.env" (dict "name" "WALLET_PASS__WEB__SUBJECT" "value" .) }}
{{- end }}
{{- end }}
{{- end }}
{{- with .values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "sello.telemetryEnvironment" -}}
{{- $telemetry := .root.Values.telemetry -}}
{{- $own := printf "%s__TELEMETRY__" .fact.prefix -}}
{{ include "sello.env" (dict "name" (print $own "LOG") "value" $telemetry.log) }}
{{ include "sello.env" (dict "name" (print $own "LOG_JSON") "value" $telemetry.logJson) }}
{{- with $telemetry.otlpEndpoint }}
{{ include "sello.env" (dict "name" (print $own "OTLP_ENDPOINT") "value" .) }}
{{ include "sello.env" (dict "name" (print $own "TRACE_RATIO") "value" $telemetry.traceRatio) }}
{{- end }}
{{- end }}

{{/* dict "root" "name" "fact" "direct" "secret". The driver takes a password that the URL does not have from PGPASSWORD: no character of it needs escaping there. */}}
{{- define "sello.databaseEnvironment" -}}
{{ include "sello.env" (dict "name" (print .fact.prefix "__DATABASE__URL") "value" (include "sello.databaseUrl" (dict "root" .root "role" .fact.role "direct" .direct))) }}
{{ include "sello.secretEnv" (dict "name" "PGPASSWORD" "secret" .secret "key" (print "postgres-" .name)) }}
{{- end }}
