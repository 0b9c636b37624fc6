{{- /* The release's name, once. */ -}}
{{- define "trainyard.name" -}}
{{- if contains "trainyard" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-trainyard" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end -}}

{{- /* What selects the pods of one part, and never changes. list $ "gateway" */ -}}
{{- define "trainyard.selector" -}}
app.kubernetes.io/name: trainyard
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "trainyard.labels" -}}
{{ include "trainyard.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version }}
{{- end -}}

{{- /* list IMAGE TAG-UNLESS-SAID */ -}}
{{- define "trainyard.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}{{ else }}{{ $image.repository }}:{{ $image.tag | default (index . 1) }}{{ end -}}
{{- end -}}

{{- /* The workers' groups with their defaults filled in: a map from name to settings, as JSON. */ -}}
{{- define "trainyard.workers" -}}
{{- $all := dict -}}
{{- range $name, $said := .Values.workers -}}
{{- $_ := set $all $name (mergeOverwrite (deepCopy $.Values.workerDefaults) (deepCopy ($said | default dict))) -}}
{{- end -}}
{{- toJson $all -}}
{{- end -}}

{{- define "trainyard.store" -}}
{{- if .Values.servers.store.here }}http://{{ include "trainyard.name" . }}-store:{{ .Values.servers.store.port }}{{ else }}{{ required "servers.store.endpoint: where your S3 is" .Values.servers.store.endpoint }}{{ end -}}
{{- end -}}

{{- /* Whether the group is scaled, and so has no number of its own. list $ SETTINGS */ -}}
{{- define "trainyard.scaled" -}}
{{- if and (index . 0).Values.keda.enabled (index . 1).autoscaling.enabled }}yes{{ end -}}
{{- end -}}
