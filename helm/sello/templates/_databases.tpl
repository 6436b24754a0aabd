{{/* Whoever may make roles and schemas: dict "root", and "secret" for the release's own server. */}}
{{- define "sello.administratorEnvironment" -}}
{{- if .root.Values.postgresql.bundled.enabled }}
{{- include "sello.env" (dict "name" "PGUSER" "value" "postgres") }}
{{ include "sello.secretEnv" (dict "name" "PGPASSWORD" "secret" .secret "key" "postgres-administrator") }}
{{- else }}
{{- $admin := .root.Values.postgresql.provision.existingSecret }}
{{- include "sello.secretEnv" (dict "name" "PGUSER" "secret" $admin "key" "username") }}
{{ include "sello.secretEnv" (dict "name" "PGPASSWORD" "secret" $admin "key" "password") }}
{{- end }}
{{- end }}

{{/* The passwords that provision.sql gives to the roles. */}}
{{- define "sello.provisionEnvironment" -}}
{{- $secret := include "sello.migrationSecret" . -}}
{{- range $name, $fact := include "sello.facts" . | fromYaml }}
{{- if not $fact.storeless }}
{{ include "sello.secretEnv" (dict "name" (printf "POSTGRES_PASSWORD_%s" $fact.prefix) "secret" $secret "key" (print "postgres-" $name)) }}
{{- end }}
{{- end }}
{{ include "sello.secretEnv" (dict "name" "POSTGRES_PASSWORD_BACKUP" "secret" $secret "key" "postgres-backup") }}
{{- end }}
