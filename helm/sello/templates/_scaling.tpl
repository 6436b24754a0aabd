{{/* More pods on CPU and memory: dict "root" "name" "component" "fact" "values". */}}
{{- define "sello.autoscaler" -}}
{{- $full := printf "%s-%s" (include "sello.fullname" .root) .name -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $full }}
  labels:
    {{- include "sello.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $full }}
  minReplicas: {{ .values.replicas }}
  maxReplicas: {{ .values.autoscaling.maxReplicas }}
  metrics:
    {{- range $resource, $percent := dict "cpu" .values.autoscaling.cpuPercent "memory" .values.autoscaling.memoryPercent }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target:
          type: Utilization
          averageUtilization: {{ $percent }}
    {{- end }}
  behavior:
    {{- include "sello.scalingBehavior" . | nindent 4 }}
{{- end }}

{{/* Up at once, down in no hurry: each pod that ends cuts its sockets. */}}
{{- define "sello.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - type: Percent
      value: 100
      periodSeconds: 30
scaleDown:
  stabilizationWindowSeconds: 600
  policies:
    - type: Pods
      value: 1
      periodSeconds: 120
{{- end }}

{{/* More pods on what waits as well, where KEDA runs: it makes the autoscaler itself. */}}
{{- define "sello.scaledObject" -}}
{{- $root := .root -}}
{{- $keda := $root.Values.keda -}}
{{- $full := printf "%s-%s" (include "sello.fullname" $root) .name -}}
{{- $queues := ternary (.fact.queues | default list) list (ne $keda.prometheusUrl "") -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ $full }}
  labels:
    {{- include "sello.labels" . | nindent 4 }}
  annotations:
    # Where a release before had an autoscaler of this name, it is taken over; else KEDA refuses a service that has one.
    scaledobject.keda.sh/transfer-hpa-ownership: "true"
spec:
  scaleTargetRef:
    name: {{ $full }}
  minReplicaCount: {{ .values.replicas }}
  maxReplicaCount: {{ .values.autoscaling.maxReplicas }}
  pollingInterval: 15
  cooldownPeriod: 600
  {{- if or .fact.consumers $queues }}
  # What cannot be measured changes nothing for the worse. KEDA refuses to hear it of those who grow by cpu and memory alone, and
  # before 2.18 where a trigger's type of metric goes without saying.
  fallback:
    failureThreshold: 4
    replicas: {{ .values.replicas }}
    behavior: currentReplicasIfHigher
  {{- end }}
  advanced:
    horizontalPodAutoscalerConfig:
      name: {{ $full }}
      behavior:
        {{- include "sello.scalingBehavior" . | nindent 8 }}
  triggers:
    {{- range $resource, $percent := dict "cpu" .values.autoscaling.cpuPercent "memory" .values.autoscaling.memoryPercent }}
    - type: {{ $resource }}
      metricType: Utilization
      metadata:
        value: {{ $percent | quote }}
    {{- end }}
    {{- range .fact.consumers }}
    - type: nats-jetstream
      metricType: AverageValue
      metadata:
        natsServerMonitoringEndpoint: {{ include "sello.natsMonitoring" $root | quote }}
        account: {{ $root.Values.nats.external.account | quote }}
        stream: SELLO
        consumer: {{ . }}
        lagThreshold: {{ $keda.eventsPerPod | quote }}
        activationLagThreshold: {{ $keda.eventsPerPod | quote }}
    {{- end }}
    {{- range $queues }}
    - type: prometheus
      metricType: AverageValue
      metadata:
        serverAddress: {{ $keda.prometheusUrl }}
        query: {{ . | quote }}
        threshold: {{ $keda.rowsPerPod | quote }}
    {{- end }}
{{- end }}
