{{/* A pod of the release, as a peer: dict "root" "component". */}}
{{- define "sello.peer" -}}
- podSelector:
    matchLabels:
      {{- include "sello.selector" . | nindent 6 }}
{{- end }}

{{/* Names are looked up wherever the cluster keeps its servers for that: in pods, on the node itself, or outside of it. */}}
{{- define "sello.egressToNames" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
  {{- with .Values.networkPolicy.namesAt }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Where traces are taken in: the port of their address, or its scheme's. */}}
{{- define "sello.egressToTraces" -}}
{{- with .Values.telemetry.otlpEndpoint }}
{{- $address := urlParse . }}
{{- $named := regexFind ":[0-9]+$" $address.host | trimPrefix ":" }}
- ports:
    - port: {{ $named | default (ternary "443" "80" (eq $address.scheme "https")) }}
  {{- with $.Values.telemetry.otlpPeers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Where the node tells a pod who it is: for a bucket that is opened by that. */}}
{{- define "sello.egressToIdentity" -}}
{{- with .Values.objects.identityAt }}
- to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  ports:
    - port: 80
{{- end }}
{{- end }}

{{/* A migration's way to its database, and roles' before it. */}}
{{- define "sello.migrationPolicy" -}}
podSelector:
  matchLabels:
    {{- include "sello.selector" (dict "root" . "component" "migration") | nindent 4 }}
policyTypes: [Ingress, Egress]
egress:
  {{- include "sello.egressToNames" . | trim | nindent 2 }}
  {{- include "sello.egressToPostgresql" . | trim | nindent 2 }}
{{- end }}

{{/* PostgreSQL itself: a pod of the release, or the networks where it stands. */}}
{{- define "sello.egressToPostgresql" -}}
{{- if .Values.postgresql.bundled.enabled }}
- to:
    {{- include "sello.peer" (dict "root" . "component" "postgresql") | nindent 4 }}
  ports:
    - port: 5432
{{- else }}
- ports:
    - port: {{ .Values.postgresql.external.port }}
  {{- with .Values.postgresql.external.networks }}
  to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The read replica, from those who connect to it themselves. */}}
{{- define "sello.egressToReplica" -}}
{{- if include "sello.replicaUrl" . }}
{{- $external := .Values.postgresql.external }}
- ports:
    - port: {{ $external.replica.port }}
  {{- with $external.replica.networks | default $external.networks }}
  to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "sello.egressToNats" -}}
{{- if .Values.nats.bundled.enabled }}
- to:
    {{- include "sello.peer" (dict "root" . "component" "nats") | nindent 4 }}
  ports:
    - port: 4222
{{- else }}
- ports:
    - port: {{ .Values.nats.external.port }}
  {{- with .Values.nats.external.peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The providers outside, and nothing inside: dict of the root. */}}
{{- define "sello.egressOutside" -}}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock:
        cidr: ::/0
        except: ["fc00::/7", "fe80::/10"]
  ports:
    - port: 443
{{- end }}
