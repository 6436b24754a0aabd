{{/* What the proxy is told besides what is given. nginx cuts bodies off at 1 MB, and connections that are silent for a minute. */}}
{{- define "sello.ingressAnnotations" -}}
{{- $own := dict -}}
{{- if contains "nginx" .Values.ingress.className -}}
{{- /* Logos and lists have up to 2 MB; of more the gateway reads another 8, and says in the caller's language why not. */ -}}
{{- $_ := set $own "nginx.ingress.kubernetes.io/proxy-body-size" "10m" -}}
{{- range $way := list "read" "send" -}}
{{- $_ := set $own (printf "nginx.ingress.kubernetes.io/proxy-%s-timeout" $way) "3600" -}}
{{- end -}}
{{- end -}}
{{- toYaml (mergeOverwrite $own (deepCopy .Values.ingress.annotations)) -}}
{{- end }}
