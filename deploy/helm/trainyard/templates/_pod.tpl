{{- /* What every pod has: an account without rights, which is not root. list $ USER */ -}}
{{- define "trainyard.pod" -}}
serviceAccountName: {{ include "trainyard.name" (index . 0) }}
automountServiceAccountToken: false
# Its variables would begin with TRAINYARD_, as our settings do.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ index . 1 }}
  runAsGroup: {{ index . 1 }}
  fsGroup: {{ index . 1 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with (index . 0).Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "trainyard.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{- /* Where everything but workers runs. list $ COMPONENT */ -}}
{{- define "trainyard.where" -}}
{{- $ := index . 0 -}}
{{- with $.Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with $.Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: {{ $.Values.spread }}
    labelSelector:
      matchLabels: {{- include "trainyard.selector" . | nindent 8 }}
{{- end -}}

{{- /* The settings that are no secrets, of every role. */ -}}
{{- define "trainyard.settings" -}}
- { name: TRAINYARD_DATA, value: /data/trainyard }
- { name: TRAINYARD_LOG, value: {{ .Values.log | quote }} }
- { name: TRAINYARD_S3_ENDPOINT, value: {{ include "trainyard.store" . | quote }} }
- { name: TRAINYARD_S3_REGION, value: {{ .Values.servers.store.region | quote }} }
- { name: TRAINYARD_S3_BUCKET, value: {{ .Values.servers.store.bucket | quote }} }
{{- end -}}

{{- /* Those that are: the role's own file, the only key of the Secret that its pod gets to see. list $ KEY */ -}}
{{- define "trainyard.settingsFile" -}}
- name: settings
  secret:
    secretName: {{ (index . 0).Values.secrets.settings }}
    defaultMode: 0440
    items: [{ key: {{ index . 1 }}.toml, path: settings.toml }]
{{- end -}}

{{- /* One container that runs a role, or a command that goes through.
     root, name, settings (key of the Secret), args, env, resources, port (0: none), mounts, probes (false: none), sleep */ -}}
{{- define "trainyard.role" -}}
- name: {{ .name }}
  image: {{ .image }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  {{- with .command }}
  command: {{ toJson . }}
  {{- end }}
  {{- with .args }}
  args: {{ toJson . }}
  {{- end }}
  {{- include "trainyard.container" .root | nindent 2 }}
  env:
    - { name: TRAINYARD_CONFIG, value: /etc/trainyard/settings.toml }
    {{- include "trainyard.settings" .root | nindent 4 }}
    - { name: TRAINYARD_NATS_REPLICAS, value: {{ ternary 3 1 (ge (int .root.Values.servers.nats.members) 3) | quote }} }
    {{- with .env }}
    {{- . | nindent 4 }}
    {{- end }}
  resources: {{- toYaml .resources | nindent 4 }}
  volumeMounts:
    - { name: settings, mountPath: /etc/trainyard, readOnly: true }
    - { name: data, mountPath: /data }
    - { name: tmp, mountPath: /tmp }
    {{- with .mounts }}
    {{- . | nindent 4 }}
    {{- end }}
  {{- if .port }}
  ports:
    - { name: {{ .portName }}, containerPort: {{ .port }} }
  # At first it waits for the servers, and for what provision makes.
  startupProbe: { httpGet: { path: /healthz, port: {{ .portName }} }, periodSeconds: 2, failureThreshold: 90 }
  livenessProbe: { httpGet: { path: /healthz, port: {{ .portName }} }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
  readinessProbe: { httpGet: { path: /readyz, port: {{ .portName }} }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 }
  {{- end }}
  {{- with .sleep }}
  # Until everybody knows that it is not asked any more.
  lifecycle: { preStop: { sleep: { seconds: {{ . }} } } }
  {{- end }}
{{- end -}}
