#include "adapters/opensearch/opensearch_metadata_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/opensearch/aggregations.h"
#include "adapters/opensearch/connection.h"
#include "adapters/opensearch/document_writer.h"
#include "adapters/opensearch/field_lister.h"
#include "adapters/opensearch/hits.h"
#include "adapters/opensearch/index_admin.h"
#include "adapters/opensearch/index_format.h"
#include "core/records/json_fields.h"
#include "ports/search_request.h"

namespace seshat::opensearch {
namespace {

using namespace opensearch;  // NOLINT(google-build-using-namespace): this file is its front

constexpr std::chrono::milliseconds kAdminTimeout{30'000};
// A rebuild that begins or ends while documents are written makes them be written once more.
constexpr int kAttempts = 5;

class OpenSearchMetadataStore : public MetadataStore {
 public:
  explicit OpenSearchMetadataStore(OpenSearchOptions options)
      : connection_(options.origin, std::move(options.sender), options.user, options.password),
        admin_(connection_, std::move(options.alias), kAdminTimeout),
        bulk_(connection_, *options.clock, options.bulk),
        searcher_(connection_, admin_, *options.clock, options.search),
        search_timeout_(options.search.timeout) {}

  const Capabilities& capabilities() const override { return capabilities_; }

  Status Upsert(std::span<const SessionDocument> documents) override {
    if (documents.empty()) return {};
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      SESHAT_ASSIGN(const bool done, TryUpsert(documents));
      if (done) return {};
    }
    return Fail(ErrorCode::kUnavailable, fmt::format("the indices of '{}' at {} come and go: try again", admin_.alias(),
                                                     connection_.location()));
  }

  Result<SessionDocument> Get(std::string_view session_id) override {
    const auto none = [&] {
      return Fail(ErrorCode::kNotFound, fmt::format("no session '{}' in the metadata store", session_id));
    };
    if (session_id.empty()) return none();
    SESHAT_ASSIGN(
        const auto answer,
        searcher_.Send({.path = fmt::format("/{}/_doc/{}", PathSegment(admin_.alias()), PathSegment(session_id)),
                        .query = "_source_includes=doc"}));
    if (answer.status == 404) return none();
    if (!answer.ok()) return std::unexpected(connection_.ErrorOf(answer));
    SESHAT_ASSIGN(const auto value, json::Parse(answer.body, "OpenSearch's answer about a document"));
    return ReadSource(Inside(value, {"_source"}));
  }

  Result<SearchPage> Search(const SearchRequest& request) override {
    SESHAT_TRY(CheckRequest(request, capabilities_));
    return searcher_.Search(request);
  }

  Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) override {
    return ListFields(searcher_, options);
  }

  Result<IndexStatus> GetStatus() override;

  Result<std::string> BeginRebuild() override { return admin_.BeginRebuild(); }
  Status FinishRebuild(std::string_view token) override { return admin_.FinishRebuild(token); }

 private:
  using Outcomes = std::vector<BulkWriter::Outcome>;
  using Fate = BulkWriter::Fate;

  // False where an alias was not there that should have been: all of it again.
  Result<bool> TryUpsert(std::span<const SessionDocument> documents) {
    SESHAT_ASSIGN(const bool rebuilding, admin_.IsRebuilding());
    const auto versions = rebuilding ? BulkWriter::Versions::kNewerOrSame : BulkWriter::Versions::kNewer;
    SESHAT_ASSIGN(const auto outcomes, bulk_.Write(admin_.alias(), documents, versions));
    if (Any(outcomes, Fate::kNoAlias)) {
      SESHAT_TRY(admin_.Ensure());
      return false;
    }
    if (rebuilding) {
      SESHAT_ASSIGN(const bool written, WriteToRebuild(documents, outcomes));
      if (!written) return false;
    }
    SESHAT_TRY(admin_.Refresh(admin_.alias()));
    for (const auto& outcome : outcomes)
      if (outcome.fate == Fate::kRefused) return std::unexpected(outcome.error);
    return true;
  }

  // The new index gets what the old one has now: the given documents, or those of a higher version that were there.
  Result<bool> WriteToRebuild(std::span<const SessionDocument> documents, const Outcomes& outcomes) {
    std::vector<SessionDocument> newest;
    for (size_t i = 0; i < documents.size(); ++i) {
      if (outcomes[i].fate == Fate::kRefused) continue;
      if (outcomes[i].fate != Fate::kKept) {
        newest.push_back(documents[i]);
        continue;
      }
      auto kept = Get(documents[i].session_id);
      if (!kept && kept.error().code == ErrorCode::kNotFound) return false;  // the alias has changed meanwhile
      if (!kept) return std::unexpected(std::move(kept).error());
      newest.push_back(*std::move(kept));
    }
    SESHAT_ASSIGN(const auto written, bulk_.Write(admin_.rebuild_alias(), newest, BulkWriter::Versions::kNewerOrSame));
    if (Any(written, Fate::kNoAlias)) return false;
    for (const auto& outcome : written)
      if (outcome.fate == Fate::kRefused) return std::unexpected(outcome.error);
    return true;
  }

  static bool Any(const Outcomes& outcomes, Fate fate) {
    return std::ranges::any_of(outcomes, [&](const auto& outcome) { return outcome.fate == fate; });
  }

  Capabilities capabilities_{
      .relevance = true, .wildcard = true, .fuzzy = true, .regex = true, .facets = true, .histograms = true};
  Connection connection_;
  IndexAdmin admin_;
  BulkWriter bulk_;
  Searcher searcher_;
  const std::chrono::milliseconds search_timeout_;
};

Result<IndexStatus> OpenSearchMetadataStore::GetStatus() {
  const auto ask = [&](std::string path, std::string query) -> Result<boost::json::value> {
    SESHAT_ASSIGN(const auto text,
                  connection_.Ask({.path = std::move(path), .query = std::move(query), .timeout = search_timeout_}));
    return json::Parse(text, "OpenSearch's answer");
  };
  SESHAT_ASSIGN(const auto cluster, ask("/", ""));
  IndexStatus status;
  status.location = connection_.location() + "/" + admin_.alias();
  const auto detail = [&](const std::string& name, const boost::json::value& value) {
    if (value.is_string()) status.details.emplace_back(name, std::string(value.as_string()));
    if (value.is_number()) status.details.emplace_back(name, std::to_string(value.to_number<int64_t>()));
  };
  detail("version", Inside(cluster, {"version", "number"}));
  SESHAT_ASSIGN(const auto live, admin_.LiveIndex());
  if (!live) {
    status.details.emplace_back("index", "none yet: run 'seshat metadata init', or index a first session");
    return status;
  }
  const auto name = PathSegment(*live);
  SESHAT_ASSIGN(const auto count, ask("/" + name + "/_count", ""));
  SESHAT_ASSIGN(const auto size, ask("/" + name + "/_stats/store", "filter_path=_all.primaries.store.size_in_bytes"));
  SESHAT_ASSIGN(const auto health, ask("/_cluster/health/" + name, "filter_path=status"));
  SESHAT_ASSIGN(const auto mapping, ask("/" + name + "/_mapping", "filter_path=*.mappings._meta"));
  SESHAT_ASSIGN(status.rebuilding, admin_.IsRebuilding());
  if (const auto& documents = Inside(count, {"count"}); documents.is_number())
    status.documents = documents.to_number<uint64_t>();
  if (const auto& bytes = Inside(size, {"_all", "primaries", "store", "size_in_bytes"}); bytes.is_number())
    status.bytes = bytes.to_number<uint64_t>();
  status.details.emplace_back("index", *live);
  detail("health", Inside(health, {"status"}));
  const auto& format = Inside(mapping, {*live, "mappings", "_meta", "seshat_format"});
  detail("format", format);
  if (format.is_number() && format.to_number<int64_t>() != kIndexFormat)
    status.details.emplace_back("outdated", "made by another version of seshat: run 'seshat reindex'");
  return status;
}

// What OpenSearch takes as the beginning of an index name, and what needs no escape anywhere.
Status CheckAlias(std::string_view alias) {
  constexpr size_t kMaxBytes = 200;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  if (!alias.empty() && alias.size() <= kMaxBytes && std::ranges::all_of(alias, plain) && alias[0] != '-' &&
      alias[0] != '_' && alias[0] != '.')
    return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' cannot be the name of an OpenSearch alias: it takes a-z, 0-9, '-', '_' and '.', and "
                          "begins with a letter or digit",
                          alias));
}

}  // namespace

Result<std::unique_ptr<MetadataStore>> MakeOpenSearchMetadataStore(OpenSearchOptions options) {
  SESHAT_TRY(CheckAlias(options.alias));
  return std::make_unique<OpenSearchMetadataStore>(std::move(options));
}

}  // namespace seshat::opensearch
