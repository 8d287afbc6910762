{{- define "inklog.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Short enough that the longest component fits behind it. */}}
{{- define "inklog.fullname" -}}
{{- $name := include "inklog.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What every object has. Takes (list $ component). */}}
{{- define "inklog.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: inklog
{{ include "inklog.selector" . }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What tells the pods of a component. It never changes. Takes (list $ component). */}}
{{- define "inklog.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "inklog.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Takes (list $ program). */}}
{{- define "inklog.image" -}}
{{- $root := index . 0 -}}
{{- $images := $root.Values.images -}}
{{- $program := index $images.programs (index . 1) | required (printf "images.programs has no %q" (index . 1)) -}}
{{- with $images.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $program.repository -}}
{{- if $program.digest }}@{{ $program.digest }}{{ else }}:{{ $images.tag | default $root.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* The services that run, each with its defaults filled in, as JSON. */}}
{{- define "inklog.services" -}}
{{- $services := dict -}}
{{- range $name, $entry := .Values.services -}}
{{- $service := mergeOverwrite (deepCopy $.Values.defaults) (deepCopy $entry) -}}
{{- if $service.enabled }}{{ $_ := set $services $name $service }}{{ end -}}
{{- end -}}
{{- toJson $services -}}
{{- end -}}

{{/* The services that are reached from outside, each with its routes, as JSON: the door alone, or all but it. */}}
{{- define "inklog.routed" -}}
{{- $routed := dict -}}
{{- range $name, $service := include "inklog.services" . | fromJson -}}
{{- if eq $service.program "gateway" -}}
{{- if $.Values.door -}}
{{- $_ := set $routed $name (merge (dict "routes" (list (dict "path" "/"))) $service) -}}
{{- end -}}
{{- else if and $service.routes (not $.Values.door) -}}
{{- $_ := set $routed $name $service -}}
{{- end -}}
{{- end -}}
{{- if and $.Values.door (ne (len $routed) 1) -}}
{{- fail "door: it must be one service of the program `gateway`" -}}
{{- end -}}
{{- toJson $routed -}}
{{- end -}}

{{/* The name of the Service that has an address for each pod. Takes (list $ service). */}}
{{- define "inklog.pods" -}}
{{- printf "%s-%s-pods" (include "inklog.fullname" (index . 0)) (index . 1) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What the gateway passes requests on to: by what a service runs, as its command line says. */}}
{{- define "inklog.upstreams" -}}
{{- range $name, $service := include "inklog.services" . | fromJson -}}
{{- $upstream := "" -}}
{{- if eq $service.program "query-api" -}}
{{- $upstream = "QUERIES" -}}
{{- else if eq $service.program "command-services" -}}
{{- $upstream = first $service.args | upper | replace "ALL" "COMMANDS" -}}
{{- end -}}
{{- if $upstream }}
- name: INKLOG_UPSTREAM_{{ $upstream }}
  value: dns:{{ include "inklog.pods" (list $ $name) }}:8080
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secret of an entry of `secrets`. Takes (list $ entry suffix); hooks have Secrets of their own, with the suffix. */}}
{{- define "inklog.secret" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $secrets := $root.Values.secrets -}}
{{- $entry := index $secrets $name -}}
{{- if $entry.existingSecret -}}
{{- $entry.existingSecret -}}
{{- else if hasKey $secrets.values $name -}}
{{- include "inklog.fullname" $root }}{{ if eq $name "tokenKeys" }}-token-keys{{ end }}{{ index . 2 -}}
{{- else if and $secrets.existingSecret (ne $name "tokenKeys") -}}
{{- $secrets.existingSecret -}}
{{- else -}}
{{- fail (printf "secrets.%s.existingSecret must name a Secret%s" $name
      (ternary "" ", or secrets.existingSecret one for all" (eq $name "tokenKeys"))) -}}
{{- end -}}
{{- end -}}

{{/* A variable out of a Secret. Takes (list $ variable entry suffix). */}}
{{- define "inklog.secretVariable" -}}
{{- $root := index . 0 -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ include "inklog.secret" (list $root (index . 2) (index . 3)) }}
      key: {{ (index $root.Values.secrets (index . 2)).key }}
{{- end -}}

{{/* The variables that the needs are met by and that are secret. Takes (list $ needs suffix). */}}
{{- define "inklog.secretVariables" -}}
{{- $root := index . 0 -}}
{{- $needs := index . 1 -}}
{{- $suffix := index . 2 -}}
{{- $secrets := $root.Values.secrets -}}
{{- if and (has "registry" $needs) $secrets.registryUrl.enabled }}
{{ include "inklog.secretVariable" (list $root "INKLOG_REGISTRY_URL" "registryUrl" $suffix) }}
{{- end }}
{{- if has "database" $needs }}
{{ include "inklog.secretVariable" (list $root "INKLOG_DATABASE_URL" "databaseUrl" $suffix) }}
{{- end }}
{{- if has "redis" $needs }}
{{ include "inklog.secretVariable" (list $root "INKLOG_REDIS_URL" "redisUrl" $suffix) }}
{{- end }}
{{- if has "bus" $needs }}
{{ include "inklog.secretVariable" (list $root "INKLOG_BUS_SECRET" "busSecret" $suffix) }}
{{- end }}
{{- if and (has "mail" $needs) $secrets.mailUrl.enabled }}
{{ include "inklog.secretVariable" (list $root "INKLOG_MAIL" "mailUrl" $suffix) }}
{{- end }}
{{- end -}}

{{/* What is not secret, for services and hooks alike. */}}
{{- define "inklog.configuration" -}}
INKLOG_KAFKA_BROKERS: {{ required "kafka.brokers must say where the log is" .Values.kafka.brokers | quote }}
INKLOG_TOPIC_PREFIX: {{ .Values.kafka.topicPrefix | quote }}
INKLOG_PARTITIONS: {{ .Values.kafka.partitions | quote }}
INKLOG_REPLICATION: {{ .Values.kafka.replication | quote }}
{{- if not .Values.secrets.registryUrl.enabled }}
INKLOG_REGISTRY_URL: {{ required "registry.url must say where the schema registry is" .Values.registry.url | quote }}
{{- end }}
INKLOG_REDIS_PREFIX: {{ .Values.redis.prefix | quote }}
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Where the keys that tokens are checked against are published. */}}
{{- define "inklog.jwksUrl" -}}
{{- if .Values.tokens.jwksUrl -}}
{{- .Values.tokens.jwksUrl -}}
{{- else -}}
{{- $signer := "" -}}
{{- range $name, $service := include "inklog.services" . | fromJson -}}
{{- if has "tokenKeys" $service.needs }}{{ $signer = $name }}{{ end -}}
{{- end -}}
{{- if not $signer }}{{ fail "tokens.jwksUrl must say where the keys are: no service here signs tokens" }}{{ end -}}
{{- printf "http://%s-%s/.well-known/jwks.json" (include "inklog.fullname" .) $signer -}}
{{- end -}}
{{- end -}}

{{- define "inklog.serviceAccount" -}}
{{- $account := .Values.serviceAccount -}}
{{- $account.name | default (ternary (include "inklog.fullname" .) "default" $account.create) -}}
{{- end -}}

{{- define "inklog.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .Values.podSecurity.runAsUser }}
runAsGroup: {{ .Values.podSecurity.runAsUser }}
fsGroup: {{ .Values.podSecurity.fsGroup }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "inklog.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Containers beside the program, which the kubelet starts before it and ends after it. Takes their list. */}}
{{- define "inklog.sidecars" -}}
{{- $sidecars := list -}}
{{- range . }}{{ $sidecars = append $sidecars (merge (deepCopy .) (dict "restartPolicy" "Always")) }}{{ end -}}
{{- toYaml $sidecars -}}
{{- end -}}

{{/* A rule of egress. Takes (dict ports to protocols). */}}
{{- define "inklog.egress" -}}
- ports:
    {{- range $port := .ports }}
    {{- range $.protocols }}
    - port: {{ $port }}
      protocol: {{ . }}
    {{- end }}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
