{{/* The name that all objects begin with. */}}
{{- define "newsquake.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels by which objects find the pods of this release. */}}
{{- define "newsquake.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "newsquake.labels" -}}
{{ include "newsquake.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: newsquake
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* The Secret with tokens and passwords. */}}
{{- define "newsquake.secret" -}}
{{ default (include "newsquake.fullname" .) .Values.secret.existing }}
{{- end -}}

{{/* The keys of that Secret, as JSON. Ports that others reach need a token or certificates of peers. */}}
{{- define "newsquake.secretKeys" -}}
{{- if .Values.secret.existing -}}
{{ dict "keys" .Values.secret.keys | toJson }}
{{- else -}}
{{ dict "keys" (keys (include "newsquake.secretValues" . | fromYaml) | sortAlpha) | toJson }}
{{- end -}}
{{- end -}}

{{/* The values of the Secret that the chart makes, by key. A token that is not given is made once. */}}
{{- define "newsquake.secretValues" -}}
{{- $values := deepCopy .Values.secret.values -}}
{{- $made := (lookup "v1" "Secret" .Release.Namespace (include "newsquake.fullname" .)).data | default dict -}}
{{- range $table := list "metrics" "serve" "dashboard" -}}
{{- $key := printf "%s.token" $table -}}
{{- if not (or (hasKey $values $key) (get (get $.Values.settings $table | default dict) "client_ca_file")) -}}
{{- $_ := set $values $key (get $made $key | b64dec | default (randAlphaNum 32)) -}}
{{- end -}}
{{- end -}}
{{ toYaml $values }}
{{- end -}}

{{/* Refuses values that contradict each other. */}}
{{- define "newsquake.check" -}}
{{- $kafka := .Values.settings.kafka -}}
{{- if and .Values.secret.existing .Values.secret.values -}}
{{- fail "secret.existing and secret.values are both set: put the values into that Secret, or leave existing empty" -}}
{{- end -}}
{{- if .Values.secret.existing -}}
{{- range $table := list "metrics" "serve" "dashboard" -}}
{{- $used := or (eq $table "metrics") (and (eq $table "serve") $.Values.intake.enabled) (and (eq $table "dashboard") $.Values.dashboard.enabled) -}}
{{- if and $used (not (has (printf "%s.token" $table) $.Values.secret.keys)) (not (get (get $.Values.settings $table | default dict) "client_ca_file")) -}}
{{- fail (printf "secret.keys lacks %s.token: put a token into the Secret %s and name its key, or set settings.%s.client_ca_file" $table $.Values.secret.existing $table) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (or .Values.strimzi.topics .Values.strimzi.users) (not .Values.strimzi.cluster) -}}
{{- fail "strimzi.cluster is empty: name the Kafka resource that topics and users belong to" -}}
{{- end -}}
{{- if and .Values.strimzi.users (not (hasPrefix (ternary "SSL" "SASL" (eq .Values.strimzi.users "tls")) (default "PLAINTEXT" $kafka.security))) -}}
{{- fail (printf "strimzi.users is %s and settings.kafka.security %s: set it to %s" .Values.strimzi.users (default "PLAINTEXT" $kafka.security) (ternary "SSL" "SASL_SSL" (eq .Values.strimzi.users "tls"))) -}}
{{- end -}}
{{- if and (eq .Values.strimzi.users "scram-sha-512") (ne (default "PLAIN" $kafka.sasl_mechanism) "SCRAM-SHA-512") -}}
{{- fail "strimzi.users is scram-sha-512: set settings.kafka.sasl_mechanism to SCRAM-SHA-512" -}}
{{- end -}}
{{- if and .Values.keda.enabled (hasPrefix "SASL" (default "" $kafka.security)) (eq (default "PLAIN" $kafka.sasl_mechanism) "OAUTHBEARER") -}}
{{- fail "keda.enabled does not go with tokens (OAUTHBEARER): set it to false, and replicas" -}}
{{- end -}}
{{- if lt (int (get (.Values.settings.metrics | default dict) "port")) 1 -}}
{{- fail "settings.metrics.port is 0: probes need it, set it to 9200" -}}
{{- end -}}
{{- end -}}
