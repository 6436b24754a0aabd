{{/* One service's pods: dict "root" "name" "component" "fact" "values". */}}
{{- define "sello.deployment" -}}
{{- $root := .root -}}
{{- $full := printf "%s-%s" (include "sello.fullname" $root) .name -}}
{{- $keepsFiles := and (eq .name "wallet-pass") (not $root.Values.objects.url) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $full }}
  labels:
    {{- include "sello.labels" . | nindent 4 }}
spec:
  {{- if include "sello.atRest" . }}
  replicas: 0
  {{- else if not .values.autoscaling.enabled }}
  replicas: {{ .values.replicas }}
  {{- end }}
  {{- if ne .name "gateway" }}
  # Callers find pods by a name, and a cluster's DNS may tell them for 30 seconds what was so before. Whoever takes another's place is
  # known for so long before that one goes, however quickly both start.
  minReadySeconds: 35
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    {{- if and $keepsFiles (not (has "ReadWriteMany" $root.Values.objects.volume.accessModes)) }}
    # A volume that one node may mount is let go before the next pod takes it.
    type: Recreate
    {{- else }}
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
    {{- end }}
  selector:
    matchLabels:
      {{- include "sello.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "sello.podLabels" . | nindent 8 }}
        sello/tier: service
      {{- $revision := include "sello.secretsRevision" $root }}
      {{- if or $revision .values.podAnnotations }}
      annotations:
        {{- with $revision }}{{ . | nindent 8 }}{{ end }}
        {{- with .values.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
      {{- end }}
    spec:
      serviceAccountName: {{ $full }}
      automountServiceAccountToken: false
      # Addresses of other services are settings; Kubernetes' own variables would only be in the way.
      enableServiceLinks: false
      # Longer than the drain, the gateway's 10 seconds for what is under way, and a call to the provider together.
      terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
      securityContext:
        {{- include "sello.podSecurity" 65532 | nindent 8 }}
      {{- with include "sello.pullSecrets" $root | trim }}{{ . | nindent 6 }}{{- end }}
      {{- include "sello.scheduling" . | trim | nindent 6 }}
      containers:
        - name: {{ .name }}
          image: {{ include "sello.image" (dict "root" $root "name" .name) }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [serve]
          env:
            {{- include "sello.environment" . | nindent 12 }}
          ports:
            - name: {{ ternary "http" "grpc" (eq .name "gateway") }}
              containerPort: {{ .fact.port }}
            - name: admin
              containerPort: {{ .fact.admin }}
          startupProbe:
            httpGet:
              path: /healthz
              port: admin
            periodSeconds: 1
            failureThreshold: 60
          livenessProbe:
            httpGet:
              path: /healthz
              port: admin
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 6
          # A look at the database may wait two seconds for a connection.
          readinessProbe:
            httpGet:
              path: /readyz
              port: admin
            periodSeconds: 5
            timeoutSeconds: 4
            failureThreshold: 2
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          securityContext:
            {{- include "sello.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- if $keepsFiles }}
            - name: objects
              mountPath: /var/lib/sello/objects
            {{- end }}
            {{- with include "sello.natsCa" $root }}
            - name: nats-ca
              mountPath: /etc/sello/nats-ca
              readOnly: true
            {{- end }}
            {{- if not .fact.storeless }}
            {{- with include "sello.postgresqlCaMount" $root | trim }}{{ . | nindent 12 }}{{- end }}
            {{- end }}
            {{- if and (eq .name "wallet-pass") $root.Values.appleWallet.enabled }}
            - name: apple
              mountPath: /etc/sello/apple
              readOnly: true
            {{- end }}
            {{- if and (eq .name "wallet-pass") $root.Values.googleWallet.enabled }}
            - name: google
              mountPath: /etc/sello/google
              readOnly: true
            {{- end }}
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 64Mi
        {{- if $keepsFiles }}
        - name: objects
          persistentVolumeClaim:
            claimName: {{ include "sello.fullname" $root }}-objects
        {{- end }}
        {{- with include "sello.natsCa" $root }}
        - name: nats-ca
          secret:
            secretName: {{ . }}
            items:
              - key: ca.crt
                path: ca.crt
        {{- end }}
        {{- if not .fact.storeless }}
        {{- with include "sello.postgresqlCaVolume" $root | trim }}{{ . | nindent 8 }}{{- end }}
        {{- end }}
        {{- if and (eq .name "wallet-pass") $root.Values.appleWallet.enabled }}
        - name: apple
          secret:
            secretName: {{ $root.Values.appleWallet.existingSecret }}
            items:
              - key: pass.p12
                path: pass.p12
              {{- if $root.Values.appleWallet.intermediate }}
              - key: intermediate.pem
                path: intermediate.pem
              {{- end }}
        {{- end }}
        {{- if and (eq .name "wallet-pass") $root.Values.googleWallet.enabled }}
        - name: google
          secret:
            secretName: {{ $root.Values.googleWallet.existingSecret }}
            items:
              - key: service-account.json
                path: service-account.json
        {{- end }}
{{- end }}
