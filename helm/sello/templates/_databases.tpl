{{/* Where psql and pg_dump find the database, without a pooler. */}}
{{- define "sello.psqlEnvironment" -}}
{{ include "sello.env" (dict "name" "PGHOST" "value" (include "sello.postgresqlHost" .)) }}
{{ include "sello.env" (dict "name" "PGPORT" "value" (include "sello.postgresqlPort" .)) }}
{{ include "sello.env" (dict "name" "PGDATABASE" "value" .Values.postgresql.database) }}
{{ include "sello.env" (dict "name" "PGSSLMODE" "value" (include "sello.postgresqlSslmode" .)) }}
{{- if include "sello.authorityVolume" . }}
{{ include "sello.env" (dict "name" "PGSSLROOTCERT" "value" "/etc/sello/postgresql-ca/ca.crt") }}
{{- end }}
{{- end }}

{{/* Whether the server's authority is one that everybody trusts. Services bring such authorities along, and so does PgBouncer's image; psql
and pg_dump look for a file, and PostgreSQL's image has none. */}}
{{- define "sello.isPubliclyTrusted" -}}
{{- if and (eq (include "sello.postgresqlSslmode" .) "verify-full") (not (include "sello.postgresqlCa" .)) }}true{{ end }}
{{- end }}

{{/* Hands them over to a pod of psql or pg_dump, in the place where an authority of one's own would lie. */}}
{{- define "sello.publicAuthorities" -}}
{{- if include "sello.isPubliclyTrusted" . }}
initContainers:
  - name: authorities
    image: {{ include "sello.image" (dict "root" . "name" "pgbouncer") }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    command: [cp, /etc/ssl/certs/ca-certificates.crt, /etc/sello/postgresql-ca/ca.crt]
    resources:
      {{- toYaml .Values.migrationResources | nindent 6 }}
    securityContext:
      {{- include "sello.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - name: postgresql-ca
        mountPath: /etc/sello/postgresql-ca
{{- end }}
{{- end }}
{{- define "sello.authorityVolume" -}}
{{- if include "sello.isPubliclyTrusted" . }}
- name: postgresql-ca
  emptyDir:
    sizeLimit: 4Mi
{{- else }}
{{- include "sello.postgresqlCaVolume" . }}
{{- end }}
{{- end }}
{{- define "sello.authorityMount" -}}
{{- if include "sello.authorityVolume" . }}
- name: postgresql-ca
  mountPath: /etc/sello/postgresql-ca
  readOnly: true
{{- end }}
{{- end }}

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
