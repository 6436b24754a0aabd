{{/* The passwords that provision.sql gives to the roles. */}}
{{- define "sello.provisionEnvironment" -}}
{{- $secret := include "sello.secret" (dict "root" . "group" "database") -}}
{{- range $name, $fact := include "sello.facts" . | fromYaml }}
{{- if not $fact.storeless }}
{{ include "sello.secretEnv" (dict "name" (printf "POSTGRES_PASSWORD_%s" $fact.prefix) "secret" $secret "key" (print "postgres-" $name)) }}
{{- end }}
{{- end }}
{{ include "sello.secretEnv" (dict "name" "POSTGRES_PASSWORD_BACKUP" "secret" $secret "key" "postgres-backup") }}
{{- end }}
