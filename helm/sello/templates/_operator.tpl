{{/* A pod with the program `sello`, which reaches every service as the operator: dict "root" "component" "values" "words". */}}
{{- define "sello.operatorPod" -}}
{{- $root := .root -}}
{{- $full := include "sello.fullname" $root -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "sello.podSecurity" 65532 | nindent 2 }}
{{- with include "sello.pullSecrets" $root | trim }}{{ . | nindent 0 }}{{- end }}
{{ include "sello.scheduling" . | trim }}
containers:
  - name: operator
    image: {{ include "sello.image" (dict "root" $root "name" "operator") }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args:
      {{- toYaml .words | nindent 6 }}
    env:
      {{- range $name, $fact := include "sello.facts" $root | fromYaml }}
      {{- include "sello.env" (dict "name" (printf "SELLO__%s_URL" $fact.prefix) "value" (printf "http://%s-%s:%d" $full $name (int $fact.port))) | nindent 6 }}
      {{- end }}
      {{- include "sello.secretEnv" (dict "name" "SELLO__OPERATOR_SECRET" "secret" (include "sello.secret" (dict "root" $root "group" "application")) "key" "operator-secret") | nindent 6 }}
    resources:
      {{- toYaml .values.resources | nindent 6 }}
    securityContext:
      {{- include "sello.containerSecurity" $root | nindent 6 }}
{{- end }}
