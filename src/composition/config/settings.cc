#include "composition/config/settings.h"

#include <array>

namespace seshat::composition {
namespace {

using enum SettingType;

constexpr auto kSections = std::to_array<SectionSpec>({
    {"", "Where Seshat keeps what it must remember on this machine.", ""},
    {"store", "The blob store: files, manifests and results. The source of truth.", ""},
    {"bus", "The event bus between the parts.", ""},
    {"aws",
     "How to reach AWS, or what speaks like it; for store.url = \"s3://…\" and bus.url = \"sns-sqs://…\". Credentials "
     "never stand here: they come from where the aws command finds its own (environment, ~/.aws, credential_process, "
     "web identity, container, EC2 role).",
     ""},
    {"metadata", "The search index. It can always be rebuilt from the blob store: seshat reindex.", ""},
    {"agent", "The migration agent: finds finished sessions and stores them.", ""},
    {"sources.*", "A directory in which sessions appear. One section for each; the name is yours ([A-Za-z0-9._-]).",
     "lab"},
    {"processing", "Running processors on stored files.", ""},
    {"processors.*", "A program to run once on every file that matches. One section for each; the name is yours.",
     "statistics"},
    {"indexing", "Building the search index.", ""},
    {"search.aliases",
     "Keys that count as one in searches: queries, facets, sorting and histograms. seshat fields --hygiene "
     "proposes some. Nothing stored changes by it.",
     ""},
    {"observability", "Logs and metrics.", ""},
});

constexpr auto kSettings = std::to_array<SettingSpec>({
    {"state_dir", kPath, R"("$XDG_STATE_HOME/seshat")",
     "The agent's journal, the event bus, the search index and scratch space. On a local disk."},

    {"store.url", kUrl, R"("file://$XDG_DATA_HOME/seshat/store")",
     "file:///directory, or s3://bucket, or s3://bucket/prefix. Never credentials: they do not belong in a file that "
     "gets copied around."},
    {"store.sse", kChoice, R"("none")",
     "Encryption that S3 is asked for with each object. none: as the bucket is set up. kms: with `kms_key`.",
     "none|aes256|kms"},
    {"store.kms_key", kText, R"("")", "With sse = \"kms\": the key's id or ARN. Empty: the account's default key."},
    {"store.storage_classes", kChoice, R"("auto")",
     "Whether the store knows S3's storage classes. auto: yes at AWS, no with an endpoint of your own, where "
     "everything is then stored in the one class there is.",
     "auto|yes|no"},

    {"bus.url", kUrl, R"("sqlite://$STATE_DIR/bus.db")",
     "sqlite:///file, which may be shared by several processes of one machine; or sns-sqs://ACCOUNT-ID/NAME: the SNS "
     "topic NAME and the SQS queues NAME-<subscription>, which `seshat aws init` makes."},

    {"aws.region", kText, R"("")",
     "Such as \"eu-central-1\". Empty: AWS_REGION, AWS_DEFAULT_REGION, or the profile's."},
    {"aws.profile", kText, R"("")",
     "A profile of ~/.aws/config and ~/.aws/credentials; it then stands above keys in the environment. Empty: "
     "AWS_PROFILE, or \"default\"."},
    {"aws.endpoint", kUrl, R"("")",
     "Where all services are, instead of at AWS: \"https://store.lab:9000\". Empty: AWS_ENDPOINT_URL and the like, "
     "or AWS itself."},
    {"aws.endpoint_s3", kUrl, R"("")", "Where S3 is, if elsewhere than the others."},
    {"aws.endpoint_sns", kUrl, R"("")", "Where SNS is, if elsewhere than the others."},
    {"aws.endpoint_sqs", kUrl, R"("")", "Where SQS is, if elsewhere than the others."},
    {"aws.endpoint_sts", kUrl, R"("")", "Where STS is, if elsewhere than the others."},
    {"aws.addressing", kChoice, R"("auto")",
     "How a bucket is named: in the host (virtual) or in the path. auto: in the host at AWS, in the path with an "
     "endpoint of your own.",
     "auto|path|virtual"},
    {"aws.ca_file", kPath, R"("")",
     "Certificates (PEM) to trust instead of the system's. Empty: AWS_CA_BUNDLE, or the system's."},
    {"aws.proxy", kUrl, R"("")",
     "\"http://host:port\". Empty: HTTPS_PROXY, http_proxy and NO_PROXY. One that wants a password belongs there: "
     "HTTPS_PROXY=http://user:password@host:port."},

    {"metadata.url", kUrl, R"("sqlite://$STATE_DIR/metadata.db")",
     "sqlite:///file, or OpenSearch 2.x: opensearch+https://host:port/alias (the alias is "
     "\"seshat-sessions\" where none is given), opensearch+http:// without TLS."},
    {"metadata.auth", kChoice, R"("none")",
     "How OpenSearch is told who we are. basic: metadata.user with a password. aws: requests are signed as [aws] says.",
     "none|basic|aws"},
    {"metadata.user", kText, R"("")", "The user for metadata.auth = \"basic\"."},
    {"metadata.password_file", kPath, R"("")",
     "A file whose first line is the user's password; nobody else should be able to read it."},
    {"metadata.ca_file", kPath, R"("")",
     "Certificates (PEM) to trust in OpenSearch's place instead of the system's; with metadata.auth = \"aws\" those of "
     "[aws] count."},

    {"agent.host", kText, R"("")", "The name of this machine in heartbeats. Empty: what the system says."},
    {"agent.heartbeat", kDuration, R"("1m")", "How often every source says that it is alive."},
    {"agent.hints", kSwitch, "true",
     "Shorten the wait between scans with the kernel's notifications where the file system gives any."},
    {"agent.active_sessions", kCount, "8", "How many sessions are uploaded side by side."},

    {"sources.*.path", kPath, "", "The directory."},
    {"sources.*.layout", kChoice, R"("directories")",
     "directories: each directory is a session and its name the session id. flat: files, grouped by `pattern`.",
     "directories|flat"},
    {"sources.*.pattern", kText, R"("")",
     "With layout = \"flat\": a regular expression (RE2) that must match a file's whole path below the source; its "
     "first group is the session id."},
    {"sources.*.ignore", kTexts, "[]",
     "Patterns (rules: docs/configuration.md) of files that do not exist for the agent."},
    {"sources.*.metadata_files", kTexts, R"(["metadata.txt", "*.meta", "metadata.json"])",
     "Which file is the session metadata: the first pattern that matches any file."},
    {"sources.*.complete.quiet", kDuration, R"("30s")",
     "A session is finished when nothing in it has changed for this long, at least 1s. All rules that are set "
     "must hold at once."},
    {"sources.*.complete.marker", kText, R"("")",
     "A pattern; some file must match it, such as \"DONE\". Empty: no such rule."},
    {"sources.*.complete.expected", kTexts, "[]", "Patterns; each must match at least one file."},
    {"sources.*.complete.expected_list", kText, R"("")",
     "A pattern for a file in the session that names files, one a line; all of them must be there. Empty: no such "
     "rule."},
    {"sources.*.complete.metadata", kSwitch, "false", "Whether the session metadata file must be there."},
    {"sources.*.schedule.interval", kDuration, R"("5m")",
     "How long to wait from one scan to the next. The file system's hints, and sessions that only wait for their "
     "quiet time, bring it forward."},
    {"sources.*.schedule.cron", kText, R"("")",
     "When to scan, as five cron fields in local time (\"*/10 8-18 * * 1-5\"). Empty: by interval."},
    {"sources.*.schedule.blackout", kTexts, "[]",
     "When to leave the source alone, in local time: \"22:00-06:00\", \"mon-fri 08:00-18:00\"."},
    {"sources.*.bandwidth", kBandwidth, R"("unlimited")", "The most to read from this source."},
    {"sources.*.delete.after", kDurationOrNever, R"("never")",
     "Delete a session's files at the source this long after its newest revision was committed, and leave a note "
     "where they went."},

    {"processing.workers", kCount, "2", "How many processors run at a time in one process."},
    {"processing.isolation", kChoice, R"("bubblewrap")",
     "bubblewrap: no network, no other files. none: only where Seshat itself runs inside a sandbox.",
     "bubblewrap|none"},
    {"processing.statistics", kSwitch, "true",
     "Run the statistics processor that comes with Seshat when no [processors.NAME] is configured."},

    {"processors.*.version", kText, R"("1")",
     "Change it with the program: every file is processed once for each version."},
    {"processors.*.match", kTexts, R"(["**"])",
     "Patterns (rules: docs/configuration.md) of the files that it is run on."},
    {"processors.*.include_metadata", kSwitch, "false",
     "Whether to process the session metadata file too, where it matches."},
    {"processors.*.command", kTexts, "",
     "The program and its arguments. {input} and {output} become the paths of the file and of the directory for "
     "results. A program without a / is looked for beside seshat and in the PATH."},
    {"processors.*.timeout", kDuration, R"("10m")", "How long one run may take."},
    {"processors.*.memory", kSize, R"("1GiB")", "How much memory one run may take."},
    {"processors.*.output", kSize, R"("1GiB")", "How much one run may write."},
    {"processors.*.siblings", kTexts, "[]",
     "Patterns of names: the matching files in the input's own directory are shown beside it, such as \"*.hea\"."},
    {"processors.*.read_only", kTexts, "[]",
     "Further files and directories of this machine that the program may read, by their absolute paths."},
    {"processors.*.max_attempts", kCount, "5", "Runs of a file before it goes to the dead letters, 1 to 100."},

    {"indexing.workers", kCount, "1", "How many sessions are read at a time."},

    {"search.aliases.*", kTexts, "", "Other names of the key. Sessions may have several of them, with any values."},

    {"observability.log_level", kChoice, R"("info")", "What is logged at least.", "trace|debug|info|warning|error"},
    {"observability.log_format", kChoice, R"("auto")",
     "human: for people. json: one object a line. auto: human on a terminal, otherwise json.", "auto|human|json"},
    {"observability.metrics", kText, R"("127.0.0.1:0")",
     "Where /metrics, /livez and /readyz are served: address:port, or \"off\". Port 0 takes a free one, which "
     "`seshat status` tells. There is no password: keep it on a loopback address."},
    {"observability.host_names", kTexts, "[]",
     "Names under which that address may be asked, beside its IP address, localhost and agent.host. Others are refused: "
     "a web page could read it through a name of its own (DNS rebinding)."},
});

}  // namespace

std::span<const SettingSpec> AllSettings() { return kSettings; }
std::span<const SectionSpec> AllSections() { return kSections; }

bool IsNamedGroup(std::string_view section) { return section == "sources" || section == "processors"; }

bool IsOpenEnded(const SettingSpec& spec) { return spec.path.ends_with(".*"); }

const SettingSpec* FindSetting(std::string_view path) {
  // "sources.lab.path" is looked up as "sources.*.path".
  std::string pattern(path);
  const size_t first = path.find('.');
  if (first != std::string_view::npos && IsNamedGroup(path.substr(0, first))) {
    const size_t second = path.find('.', first + 1);
    if (second == std::string_view::npos) return nullptr;
    pattern = std::string(path.substr(0, first)) + ".*" + std::string(path.substr(second));
  }
  for (const SettingSpec& spec : kSettings) {
    if (spec.path == pattern) return &spec;
    const auto open = spec.path.substr(0, spec.path.size() - 1);
    if (IsOpenEnded(spec) && path.size() > open.size() && path.starts_with(open)) return &spec;
  }
  return nullptr;
}

std::string_view SettingTypeName(SettingType type) {
  switch (type) {
    case kText:
      return "text";
    case kPath:
      return "path";
    case kUrl:
      return "URL";
    case kSwitch:
      return "true or false";
    case kCount:
      return "number";
    case kDuration:
      return "duration";
    case kDurationOrNever:
      return "duration or \"never\"";
    case kSize:
      return "size";
    case kBandwidth:
      return "bandwidth";
    case kTexts:
      return "array of texts";
    case kChoice:
      return "choice";
  }
  return "text";
}

}  // namespace seshat::composition
