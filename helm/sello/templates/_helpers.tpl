{{- define "sello.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* What pods and policies find each other by: dict "root" "component". */}}
{{- define "sello.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "sello.labels" -}}
{{ include "sello.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: sello
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* Of pods: nothing that changes with a release, or databases would be started anew by each. */}}
{{- define "sello.podLabels" -}}
{{ include "sello.selector" . }}
app.kubernetes.io/part-of: sello
{{- end }}

{{/* An image of ours: dict "root" "name". */}}
{{- define "sello.image" -}}
{{- $image := .root.Values.image -}}
{{ with $image.registry }}{{ trimSuffix "/" . }}/{{ end }}sello-{{ .name }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "sello.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The restricted Pod Security Standard, and a file system that nothing can be written to. */}}
{{- define "sello.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}
{{- define "sello.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* The name of the Secret of a group: dict "root" "group". */}}
{{- define "sello.secret" -}}
{{- $group := index .root.Values.secrets .group -}}
{{ $group.existingSecret | default (printf "%s-generated" (include "sello.fullname" .root)) }}
{{- end }}

{{/* Of pods that read Secrets at their start: what is said anew when one was changed. A render cannot see what is in another's Secret, and
a pod whose template is as it was is not made anew. */}}
{{- define "sello.secretsRevision" -}}
{{- with .Values.secrets.revision -}}
sello/secrets-revision: {{ . | quote }}
{{- end -}}
{{- end }}

{{/* One variable from a Secret: dict "name" "secret" "key". */}}
{{- define "sello.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end }}
{{- define "sello.env" -}}
- name: {{ .name }}
  value: {{ .value | toString | quote }}
{{- end }}

{{/* PostgreSQL itself, without a pooler. */}}
{{- define "sello.postgresqlHost" -}}
{{- if .Values.postgresql.bundled.enabled -}}
{{ include "sello.fullname" . }}-postgresql
{{- else -}}
{{ .Values.postgresql.external.host }}
{{- end -}}
{{- end }}
{{- define "sello.postgresqlPort" -}}
{{ ternary 5432 (.Values.postgresql.external.port | int) .Values.postgresql.bundled.enabled }}
{{- end }}
{{- define "sello.postgresqlSslmode" -}}
{{ ternary "disable" .Values.postgresql.external.sslmode .Values.postgresql.bundled.enabled }}
{{- end }}
{{- define "sello.postgresqlCa" -}}
{{- if not .Values.postgresql.bundled.enabled }}{{ .Values.postgresql.external.caSecret }}{{ end }}
{{- end }}

{{/* The Secret with the authority of another's NATS, where it has one of its own. */}}
{{- define "sello.natsCa" -}}
{{- if not .Values.nats.bundled.enabled }}{{ .Values.nats.external.caSecret }}{{ end }}
{{- end }}

{{/* The URL of a role, without its password, which is a variable of its own: dict "root" "role" "direct". */}}
{{- define "sello.databaseUrl" -}}
{{- $root := .root -}}
{{- $database := $root.Values.postgresql.database -}}
{{- if and $root.Values.pgbouncer.enabled (not .direct) -}}
postgres://sello_{{ .role }}@{{ include "sello.fullname" $root }}-pgbouncer:6432/{{ $database }}?sslmode=disable
{{- else -}}
{{- $ca := ternary "&sslrootcert=/etc/sello/postgresql-ca/ca.crt" "" (ne (include "sello.postgresqlCa" $root) "") -}}
postgres://sello_{{ .role }}@{{ include "sello.postgresqlHost" $root }}:{{ include "sello.postgresqlPort" $root }}/{{ $database }}?sslmode={{ include "sello.postgresqlSslmode" $root }}{{ $ca }}
{{- end -}}
{{- end }}

{{/* The role of analytics at the read replica, by the way that the others take to the primary; nothing where there is none. */}}
{{- define "sello.replicaUrl" -}}
{{- $external := .Values.postgresql.external -}}
{{- if and $external.replica.host (not .Values.postgresql.bundled.enabled) -}}
{{- if .Values.pgbouncer.enabled -}}
postgres://sello_analytics@{{ include "sello.fullname" . }}-pgbouncer:6432/{{ .Values.postgresql.database }}_replica?sslmode=disable
{{- else -}}
{{- $ca := ternary "&sslrootcert=/etc/sello/postgresql-ca/ca.crt" "" (ne (include "sello.postgresqlCa" .) "") -}}
postgres://sello_analytics@{{ $external.replica.host }}:{{ $external.replica.port }}/{{ .Values.postgresql.database }}?sslmode={{ include "sello.postgresqlSslmode" . }}{{ $ca }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The authority of PostgreSQL's certificate, for whoever connects directly. */}}
{{- define "sello.postgresqlCaMount" -}}
{{- if include "sello.postgresqlCa" . }}
- name: postgresql-ca
  mountPath: /etc/sello/postgresql-ca
  readOnly: true
{{- end }}
{{- end }}
{{- define "sello.postgresqlCaVolume" -}}
{{- with include "sello.postgresqlCa" . }}
- name: postgresql-ca
  secret:
    secretName: {{ . }}
    items:
      - key: ca.crt
        path: ca.crt
{{- end }}
{{- end }}

{{/* The hosts of the doors that this release makes, divided by commas. */}}
{{- define "sello.doors" -}}
{{- $doors := list -}}
{{- if .Values.ingress.enabled -}}{{- $doors = append $doors (lower .Values.ingress.host) -}}{{- end -}}
{{- if and .Values.gatewayApi.enabled (not .Values.gatewayApi.parentRefs) -}}{{- $doors = append $doors (lower .Values.gatewayApi.host) -}}{{- end -}}
{{- join ", " $doors -}}
{{- end }}

{{/* What people type: as it is said, or the name of the first such door, where TLS ends. Whether another's Gateway speaks
TLS cannot be seen here. */}}
{{- define "sello.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{ .Values.publicUrl }}
{{- else if include "sello.doors" . -}}
https://{{ include "sello.doors" . | splitList ", " | first }}
{{- end -}}
{{- end }}

{{/* Where programs listen: at each address of their pod, which may have none but one of IPv6. */}}
{{- define "sello.everywhere" -}}
{{ ternary "[::]" "0.0.0.0" .Values.ipv6 }}
{{- end }}

{{- define "sello.natsConfiguration" -}}
{{ .Files.Get "files/nats/nats.conf" | trim | replace "\"0.0.0.0:" (printf "%q" (print (include "sello.everywhere" .) ":") | trimSuffix "\"") }}
{{- end }}

{{- define "sello.natsUrl" -}}
{{- if .Values.nats.bundled.enabled -}}
nats://{{ include "sello.fullname" . }}-nats:4222
{{- else -}}
{{ .Values.nats.external.url }}
{{- end -}}
{{- end }}

{{- define "sello.natsMonitoring" -}}
{{- if .Values.nats.bundled.enabled -}}
{{ include "sello.fullname" . }}-nats.{{ .Release.Namespace }}.svc:8222
{{- else -}}
{{ .Values.nats.external.monitoring }}
{{- end -}}
{{- end }}

{{/* Whether a service has no pods for now: dict "root" "values". Its number of pods is said to be 0 then, and nobody may add one. When it
is no longer said, Kubernetes makes it 1, and an autoscaler the fewest that it knows: it never leaves somebody at 0. */}}
{{- define "sello.atRest" -}}
{{- if or .root.Values.offline .values.offline }}true{{ end }}
{{- end }}

{{/* The services that are at rest, by name, with commas. */}}
{{- define "sello.resting" -}}
{{- $resting := list -}}
{{- range $name, $fact := include "sello.facts" . | fromYaml -}}
{{- $values := mergeOverwrite (deepCopy $.Values.serviceDefaults) (index $.Values.services $name | default dict) -}}
{{- if include "sello.atRest" (dict "root" $ "values" $values) }}{{ $resting = append $resting $name }}{{ end -}}
{{- end -}}
{{ join ", " $resting }}
{{- end }}

{{/* Whether `sello verify` has everybody to ask: it asks all but the gateway. */}}
{{- define "sello.comparable" -}}
{{- if not (without (include "sello.resting" . | splitList ", " | compact) "gateway") }}true{{ end }}
{{- end }}

{{/* Whether roles and migrations come up as a part of the release: at the installation of a database of its own, which is not there
before. After it would be too late for whoever waits until pods are ready (`--wait`, Flux): they are so once their roles are there. */}}
{{- define "sello.migratesAlong" -}}
{{- if and .Values.postgresql.bundled.enabled .Release.IsInstall }}true{{ end }}
{{- end }}

{{/* Marks of what runs before a release: dict "root" "weight" "policy". */}}
{{- define "sello.beforeRelease" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: {{ .policy }}
{{- end }}

{{/* Whether they run before this release. */}}
{{- define "sello.migratesBefore" -}}
{{- if and .Values.migrations.enabled (not (include "sello.migratesAlong" .)) }}true{{ end }}
{{- end }}

{{/* The marks of its jobs: dict "root" "weight". Argo CD knows no upgrade, and a job of the release cannot be changed: there it is made
anew by each synchronization. */}}
{{- define "sello.migrationJob" -}}
{{- if include "sello.migratesAlong" .root -}}
argocd.argoproj.io/hook: Sync
argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
{{- else -}}
{{ include "sello.beforeRelease" (dict "weight" .weight "policy" "before-hook-creation,hook-succeeded") }}
{{- end -}}
{{- end }}

{{/* Of what they need from this release, when the release before still stands; it goes when they have ended. */}}
{{- define "sello.beforeMigrations" -}}
{{ include "sello.beforeRelease" (dict "weight" -5 "policy" "before-hook-creation,hook-succeeded") }}
{{- end }}

{{/* Where they read the roles' passwords: what this release makes up is not in the kept Secret before the release itself is there. */}}
{{- define "sello.migrationSecret" -}}
{{- if include "sello.migratesAlong" . -}}
{{ include "sello.secret" (dict "root" . "group" "database") }}
{{- else -}}
{{ .Values.secrets.database.existingSecret | default (printf "%s-migration" (include "sello.fullname" .)) }}
{{- end -}}
{{- end }}

{{/* How pods of one component lie apart, and where they may land: dict "root" "component" "values". What no pod can be put on now (it is
drained, or lost) counts for nothing: as a place with none it would hold all others at one each. */}}
{{- define "sello.scheduling" -}}
{{- $spread := .root.Values.spread }}
topologySpreadConstraints:
  {{- range $key, $unsatisfiable := dict "topology.kubernetes.io/zone" $spread.zones "kubernetes.io/hostname" $spread.nodes }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $unsatisfiable }}
    nodeTaintsPolicy: Honor
    labelSelector:
      matchLabels:
        {{- include "sello.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{ include "sello.placement" . }}
{{- end }}

{{/* Where a pod may land: dict "root", and "values" where the component has some of its own. */}}
{{- define "sello.placement" -}}
{{- $own := .values | default dict }}
{{- with $own.nodeSelector | default .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations | default .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}
