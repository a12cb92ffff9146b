#include "adapters/opensearch/bulk_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

#include "adapters/opensearch/document_writer.h"
#include "core/records/json_fields.h"

namespace seshat::opensearch {
namespace {

constexpr std::chrono::milliseconds kMaxPause{5'000};
// Below that a bulk request is one document anyway.
constexpr double kLeastShare = 1.0 / 512;

bool IsBusy(int status) { return status == 429 || status == 503; }

}  // namespace

BulkWriter::BulkWriter(Connection& connection, Clock& clock, const BulkLimits& limits)
    : connection_(connection), clock_(clock), limits_(limits) {}

double BulkWriter::share() {
  const std::lock_guard lock(mutex_);
  return share_;
}

void BulkWriter::Slower() {
  const std::lock_guard lock(mutex_);
  share_ = std::max(share_ / 2, kLeastShare);
}

void BulkWriter::Faster() {
  const std::lock_guard lock(mutex_);
  share_ = std::min(share_ * 1.25, 1.0);
}

// One call of Write.
class BulkWriter::Run {
 public:
  Run(BulkWriter& writer, std::string_view alias, std::span<const SessionDocument> documents, Versions versions)
      : writer_(writer),
        alias_(alias),
        documents_(documents),
        versions_(versions),
        outcomes_(documents.size()),
        deadline_(writer.clock_.SteadyNow() + writer.limits_.patience),
        pause_(writer.limits_.first_pause) {
    for (size_t i = 0; i < documents.size(); ++i) waiting_.push_back(i);
  }

  Result<std::vector<Outcome>> Go() {
    while (!waiting_.empty()) {
      SESHAT_ASSIGN(const bool all_taken, SendSome());
      if (all_taken) {
        writer_.Faster();
        pause_ = writer_.limits_.first_pause;
        deadline_ = writer_.clock_.SteadyNow() + writer_.limits_.patience;
      } else {
        SESHAT_TRY(Pause());
      }
    }
    return std::move(outcomes_);
  }

 private:
  // False where OpenSearch had too much to do for some of them, which wait again.
  Result<bool> SendSome() {
    std::vector<size_t> sent;
    auto body = Body(sent);
    SESHAT_ASSIGN(const auto answer, writer_.connection_.Send(
                                         {.method = "POST",
                                          .path = "/" + PathSegment(alias_) + "/_bulk",
                                          .query = "require_alias=true&filter_path=errors,items.*.status,items.*.error",
                                          .body = std::move(body),
                                          .timeout = writer_.limits_.timeout}));
    if (IsBusy(answer.status)) {
      busy_ = writer_.connection_.ErrorOf(answer);
      waiting_.insert(waiting_.begin(), sent.begin(), sent.end());
      return false;
    }
    if (!answer.ok()) return std::unexpected(writer_.connection_.ErrorOf(answer));
    return Read(answer.body, sent);
  }

  // Moves documents from `waiting_` to `sent` until the request is full; at least one.
  std::string Body(std::vector<size_t>& sent) {
    const double share = writer_.share();
    const auto max_bytes = static_cast<size_t>(static_cast<double>(writer_.limits_.max_bytes) * share);
    const auto max_documents =
        std::max<size_t>(1, static_cast<size_t>(static_cast<double>(writer_.limits_.max_documents) * share));
    const auto now = writer_.clock_.Now();
    std::string body;
    while (!waiting_.empty() && sent.size() < max_documents) {
      const auto& document = documents_[waiting_.front()];
      const auto line = WriteDocument(document, now);
      if (!sent.empty() && body.size() + line.size() > max_bytes) break;
      body += R"({"index":{"_id":)";
      AppendJsonString(body, document.session_id);
      fmt::format_to(std::back_inserter(body), R"(,"version":{},"version_type":"{}"}}}})", document.version,
                     versions_ == Versions::kNewer ? "external" : "external_gte");
      body += '\n';
      body += line;
      body += '\n';
      sent.push_back(waiting_.front());
      waiting_.pop_front();
    }
    return body;
  }

  Result<bool> Read(std::string_view text, const std::vector<size_t>& sent) {
    SESHAT_ASSIGN(const auto value, json::Parse(text, "OpenSearch's answer to a bulk request"));
    json::Reader reader(value, "OpenSearch's answer to a bulk request");
    const auto& items = reader.Array("items");
    if (items.size() != sent.size())
      return Fail(ErrorCode::kInternal,
                  fmt::format("OpenSearch answered {} of {} documents of a bulk request", items.size(), sent.size()));
    bool all_taken = true;
    for (size_t i = 0; i < sent.size(); ++i) {
      const auto* item = items[i].is_object() ? items[i].as_object().if_contains("index") : nullptr;
      if (item == nullptr) return Fail(ErrorCode::kInternal, "OpenSearch's answer to a bulk request has no items");
      if (!Settle(*item, sent[i])) all_taken = false;
    }
    return all_taken;
  }

  // False where the document has to be sent again.
  bool Settle(const boost::json::value& item, size_t index) {
    json::Reader reader(item, "bulk item");
    const auto status = static_cast<int>(reader.UnsignedOr("status", 500));
    auto& outcome = outcomes_[index];
    if (status >= 200 && status < 300) {
      outcome.fate = Fate::kStored;
    } else if (status == 409) {
      outcome.fate = Fate::kKept;
    } else {
      const Answer as_answer{status, boost::json::serialize(item), ""};
      outcome.error = writer_.connection_.ErrorOf(as_answer);
      if (ErrorType(as_answer.body) == "index_not_found_exception") {
        outcome.fate = Fate::kNoAlias;
      } else if (IsBusy(status) && ErrorType(as_answer.body) != "cluster_block_exception") {
        busy_ = outcome.error;
        waiting_.push_back(index);
        return false;
      } else {
        outcome.fate = Fate::kRefused;
        outcome.error = std::move(outcome.error).WithContext(documents_[index].session_id);
      }
    }
    return true;
  }

  Status Pause() {
    writer_.Slower();
    const auto pause = std::max(pause_, busy_.retry_after.value_or(std::chrono::milliseconds{0}));
    if (writer_.clock_.SteadyNow() + pause > deadline_) return std::unexpected(busy_);
    writer_.clock_.SleepFor(pause, {});
    pause_ = std::min(pause_ * 2, kMaxPause);
    return {};
  }

  BulkWriter& writer_;
  const std::string_view alias_;
  const std::span<const SessionDocument> documents_;
  const Versions versions_;
  std::vector<Outcome> outcomes_;
  std::deque<size_t> waiting_;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::milliseconds pause_;
  Error busy_;
};

Result<std::vector<BulkWriter::Outcome>> BulkWriter::Write(std::string_view alias,
                                                           std::span<const SessionDocument> documents,
                                                           Versions versions) {
  return Run(*this, alias, documents, versions).Go();
}

}  // namespace seshat::opensearch
