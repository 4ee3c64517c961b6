{{/* Every workload by name: its kind, role, arguments and values. As YAML. */}}
{{- define "newsquake.workloads" -}}
{{- $all := dict -}}
{{- range $name, $values := .Values.agents -}}
{{- if $values.enabled -}}
{{- $_ := set $all $name (dict "kind" "agent" "role" $name "args" (list "worker" "--agents" $name) "values" $values) -}}
{{- end -}}
{{- end -}}
{{- if .Values.dashboard.enabled -}}
{{- $_ := set $all "dashboard" (dict "kind" "dashboard" "role" "dashboard" "args" (list "dashboard") "values" .Values.dashboard) -}}
{{- end -}}
{{- if .Values.intake.enabled -}}
{{- $_ := set $all "intake" (dict "kind" "intake" "role" "producer" "args" (list "serve" "ingest") "values" .Values.intake) -}}
{{- end -}}
{{- range $name, $values := .Values.sources -}}
{{- $args := concat (list "source") $values.args -}}
{{- if ne (toString (get $values "enabled")) "false" -}}
{{- $_ := set $all (printf "source-%s" $name) (dict "kind" "source" "role" "source" "args" $args "values" (merge (dict "replicas" 1) $values)) -}}
{{- end -}}
{{- end -}}
{{ toYaml $all }}
{{- end -}}

{{/* The upper bound of an agent's pods, and the topic that it reads: dict root, name. */}}
{{- define "newsquake.partitions" -}}
{{- $kafka := .root.Values.settings.kafka -}}
{{- ternary $kafka.signal_partitions $kafka.partitions (eq .name "detect") | default (ternary 1 4 (eq .name "detect")) | int -}}
{{- end -}}

{{/* Least and most pods of an agent by KEDA; nothing where they are the same: dict root, name, values. */}}
{{- define "newsquake.range" -}}
{{- $scaling := .values.autoscaling | default dict -}}
{{- $min := int (default .values.replicas (get $scaling "min")) -}}
{{- $max := int (default (include "newsquake.partitions" .) (get $scaling "max")) -}}
{{- if and .root.Values.keda.enabled (gt $max (max 1 $min | int)) -}}
{{ dict "min" (max 1 $min) "max" $max | toJson }}
{{- end -}}
{{- end -}}

{{/* The Secret with a role's login for Kafka: dict root, role. Empty: none of its own. */}}
{{- define "newsquake.user" -}}
{{- if .root.Values.strimzi.users -}}
{{ include "newsquake.fullname" .root }}-{{ .role }}
{{- end -}}
{{- end -}}

{{/* Variables, mounts and volumes of a login for Kafka, as YAML: dict root, role. */}}
{{- define "newsquake.login" -}}
{{- $tls := .root.Values.kafkaTls -}}
{{- $user := include "newsquake.user" . -}}
{{- $ca := dict "secret" $tls.ca.secret "key" $tls.ca.key -}}
{{- if and $user (not $ca.secret) -}}
{{- $ca = dict "secret" (printf "%s-cluster-ca-cert" .root.Values.strimzi.cluster) "key" "ca.crt" -}}
{{- end -}}
{{- $client := dict "secret" $tls.client.secret "cert" $tls.client.cert "key" $tls.client.key -}}
{{- if eq .root.Values.strimzi.users "tls" -}}
{{- $client = dict "secret" $user "cert" "user.crt" "key" "user.key" -}}
{{- end -}}
{{- $env := list -}}{{- $mounts := list -}}{{- $volumes := list -}}
{{- if and $ca.secret (hasSuffix "SSL" (default "" .root.Values.settings.kafka.security)) -}}
{{- $env = append $env (dict "name" "NEWSQUAKE_KAFKA__CA_FILE" "value" (printf "/run/secrets/kafka-ca/%s" $ca.key)) -}}
{{- $mounts = append $mounts (dict "name" "kafka-ca" "mountPath" "/run/secrets/kafka-ca" "readOnly" true) -}}
{{- $volumes = append $volumes (dict "name" "kafka-ca" "secret" (dict "secretName" $ca.secret "defaultMode" 288 "items" (list (dict "key" $ca.key "path" $ca.key)))) -}}
{{- end -}}
{{- if $client.secret -}}
{{- $env = append $env (dict "name" "NEWSQUAKE_KAFKA__CERT_FILE" "value" (printf "/run/secrets/kafka-user/%s" $client.cert)) -}}
{{- $env = append $env (dict "name" "NEWSQUAKE_KAFKA__KEY_FILE" "value" (printf "/run/secrets/kafka-user/%s" $client.key)) -}}
{{- $mounts = append $mounts (dict "name" "kafka-user" "mountPath" "/run/secrets/kafka-user" "readOnly" true) -}}
{{- $volumes = append $volumes (dict "name" "kafka-user" "secret" (dict "secretName" $client.secret "defaultMode" 288)) -}}
{{- end -}}
{{- if eq .root.Values.strimzi.users "scram-sha-512" -}}
{{- $env = append $env (dict "name" "NEWSQUAKE_KAFKA__USERNAME" "value" $user) -}}
{{- $env = append $env (dict "name" "NEWSQUAKE_KAFKA__PASSWORD_FILE" "value" "/run/secrets/kafka-user/password") -}}
{{- $mounts = append $mounts (dict "name" "kafka-user" "mountPath" "/run/secrets/kafka-user" "readOnly" true) -}}
{{- $volumes = append $volumes (dict "name" "kafka-user" "secret" (dict "secretName" $user "defaultMode" 288)) -}}
{{- end -}}
{{ dict "env" $env "mounts" $mounts "volumes" $volumes | toYaml }}
{{- end -}}

{{/* The keys of the Secret that a pod of this kind gets, as JSON: dict root, kind, role. */}}
{{- define "newsquake.podKeys" -}}
{{- $wanted := list "kafka.key_password" -}}
{{- if ne .root.Values.strimzi.users "scram-sha-512" -}}{{- $wanted = append $wanted "kafka.password" -}}{{- end -}}
{{- if has .kind (list "agent" "source" "intake") -}}{{- $wanted = append $wanted "metrics.token" -}}{{- end -}}
{{- if eq .kind "intake" -}}{{- $wanted = append $wanted "serve.token" -}}{{- end -}}
{{- if eq .kind "dashboard" -}}{{- $wanted = append $wanted "dashboard.token" -}}{{- end -}}
{{- $settings := .root.Files.Get "files/secrets.json" | fromJsonArray -}}
{{- $mounted := list -}}
{{- range $key := (include "newsquake.secretKeys" .root | fromJson).keys -}}
{{- if or (has $key $wanted) (and (eq $.role "notify") (not (has $key $settings)) (ne $key "kafka.username")) -}}
{{- $mounted = append $mounted $key -}}
{{- end -}}
{{- end -}}
{{ dict "keys" $mounted | toJson }}
{{- end -}}
