#include "views/any_things.h"

#include "support/generators.h"

namespace seshat::views {
namespace {

namespace gen = rc::gen;
using testing::AnyBytes;
using testing::AnyName;
using testing::AnyText;
using testing::AnyTimestamp;
using testing::Maybe;

uint64_t Count() { return *gen::oneOf(gen::inRange<uint64_t>(0, 100), gen::arbitrary<uint64_t>()); }
bool Chance() { return *gen::arbitrary<bool>(); }

template <typename Make>
auto Some(Make make) {
  std::vector<decltype(make())> all(*gen::inRange<size_t>(0, 4));
  for (auto& one : all) one = make();
  return all;
}

std::vector<std::string> Texts() {
  return Some([] { return *AnyText(); });
}

std::vector<FacetValue> Values() {
  return Some([] { return FacetValue{*AnyText(), Count()}; });
}

migration::SessionStatus AnySessionStatus() {
  using migration::SessionState;
  return {.source = *AnyName(),
          .id = *AnyName(),
          .state = *gen::element(SessionState::kWaiting, SessionState::kUploading, SessionState::kCommitted,
                                 SessionState::kPartial, SessionState::kConflict, SessionState::kGone),
          .revision = *gen::arbitrary<uint32_t>(),
          .files = Count(),
          .bytes = Count(),
          .files_left = Count(),
          .skipped = Count(),
          .traceparent = *AnyText(),
          .why = *AnyBytes(),
          .until = *Maybe(AnyTimestamp()),
          .committed_at = *Maybe(AnyTimestamp())};
}

migration::SourceStatus AnySourceStatus() {
  migration::SourceStatus status;
  status.scan = {.source = *AnyName(), .refused = Count(), .problem = *AnyBytes()};
  status.scan.scanned_at = (*Maybe(AnyTimestamp())).value_or(Timestamp{});
  status.sessions.sessions = Count();
  status.sessions.backlog_bytes = Count();
  status.sessions.last_session = *AnyBytes();
  status.sessions.last_committed_at = (*Maybe(AnyTimestamp())).value_or(Timestamp{});
  return status;
}

operations::SubscriptionState AnySubscription() {
  operations::SubscriptionState state{*AnyName(), {.ready = Count(), .in_flight = Count(), .dead = Count()}};
  if (Chance()) state.stats.oldest_age = std::chrono::milliseconds(*gen::inRange(0, 1'000'000));
  return state;
}

Highlight AnyHighlight() {
  Highlight highlight{.field = *AnyText(), .value = "left " + *AnyText() + " motor"};
  highlight.spans.push_back({0, 4});
  return highlight;
}

Histogram AnyHistogram() {
  Histogram histogram{.field = *AnyName(), .missing = Count()};
  histogram.edges.push_back(metadata::TypeValue("0 N"));
  for (const uint64_t count : Some(Count)) {
    histogram.counts.push_back(count);
    histogram.edges.push_back(metadata::TypeValue(std::to_string(histogram.edges.size()) + " N"));
  }
  return histogram;
}

SearchExplanation AnyExplanation() {
  return {.engine = *AnyName(),
          .request = *AnyText(),
          .stages = Some([] {
            return SearchExplanation::Stage{*AnyName(), std::chrono::nanoseconds(*gen::inRange(0, 1'000'000'000))};
          })};
}

}  // namespace

catalog::SessionStorage StorageFor(const SessionDocument& document) {
  using catalog::StorageState;
  catalog::SessionStorage storage;
  const auto add = [&](const std::string& key) {
    if (Chance()) return;
    storage.places[key] = {"file:///" + *AnyText(),
                           *gen::element(StorageState::kUnknown, StorageState::kReadable, StorageState::kArchived,
                                         StorageState::kRestoring, StorageState::kRestored, StorageState::kMissing)};
  };
  add(document.manifest_key);
  for (const FileDocument& file : document.files) add(file.key);
  return storage;
}

SessionDocument AnySession() { return *testing::AnySessionDocument(); }

catalog::SearchAnswer AnySearchAnswer() {
  catalog::SearchAnswer answer{.query = *AnyText(), .understood_as = *AnyText(), .did_you_mean = *AnyText()};
  if (Chance()) answer.request.sort.by = SortOrder::By::kRelevance;
  answer.page.total = Count();
  answer.page.total_is_exact = Chance();
  answer.page.next_cursor = *AnyText();
  const bool files = Chance();
  answer.page.hits = Some([] { return SearchHit{AnySession(), 0.5}; });
  for (const SearchHit& hit : answer.page.hits) {
    answer.highlights.push_back(Some(AnyHighlight));
    if (files) answer.storage.push_back(StorageFor(hit.document));
  }
  answer.page.facets = Some([] { return Facet{*AnyName(), Values(), Count()}; });
  answer.page.histograms = Some(AnyHistogram);
  if (Chance()) answer.page.explanation = AnyExplanation();
  return answer;
}

std::vector<FieldInfo> AnyFields() {
  return Some([] {
    return FieldInfo{.name = *AnyName(),
                     .sessions = Count(),
                     .coverage = 0.25,
                     .numbers = Count(),
                     .dates = Count(),
                     .booleans = Count(),
                     .texts = Count(),
                     .units = Values(),
                     .top_values = Values()};
  });
}

catalog::Hygiene AnyHygiene() {
  return {.alike = Some([] {
            LikeKeys like{.keys = {{*AnyName(), Count()}, {*AnyName(), Count()}}};
            like.reasons = {Likeness::kSpelling, Likeness::kSlip};
            return like;
          }),
          .conflicts = Some([] {
            return KeyConflict{
                *gen::element(KeyConflict::What::kTypes, KeyConflict::What::kUnits, KeyConflict::What::kMissingUnits),
                *AnyName(), *AnyText(), Count()};
          })};
}

catalog::QuerySuggestions AnySuggestions() {
  return {.point = {}, .suggestions = Some([] {
                         return Suggestion{*gen::element(Suggestion::Kind::kField, Suggestion::Kind::kOperator,
                                                         Suggestion::Kind::kValue, Suggestion::Kind::kKeyword),
                                           *AnyText(), *AnyText(), Count(), *AnyText()};
                       })};
}

operations::StatusReport AnyStatus() {
  operations::StatusReport report{.agent_has_run = Chance(),
                                  .sources = Some(AnySourceStatus),
                                  .attention = Some(AnySessionStatus),
                                  .subscriptions = Some(AnySubscription)};
  report.processes = Some([] {
    return operations::RunningProcess{*gen::inRange<int64_t>(1, 100'000), Texts(), *AnyName(), *AnyText(),
                                      *AnyTimestamp()};
  });
  report.searchable = Count();
  report.store_problem = *AnyBytes();
  report.store = *AnyText();
  report.state_directory = *AnyText();
  return report;
}

operations::WhyAnswer AnyWhy() {
  return {.sessions = Some(AnySessionStatus),
          .searchable = Chance(),
          .files = Count(),
          .results = Count(),
          .failures = Count()};
}

std::vector<operations::Letter> AnyLetters() {
  return Some([] {
    operations::Letter letter{.subscription = *AnyName()};
    letter.letter = {.id = *AnyName(), .attempts = 3, .reason = *AnyBytes(), .died_at = *AnyTimestamp()};
    letter.letter.event.type = *AnyName();
    letter.letter.event.subject = *AnyText();
    letter.letter.event.data = Chance() ? R"({"a":1})" : *AnyBytes();
    return letter;
  });
}

IndexStatus AnyIndexStatus() {
  return {.location = *AnyText(),
          .documents = Count(),
          .bytes = *Maybe(gen::arbitrary<uint64_t>()),
          .rebuilding = Chance(),
          .details = Some([] { return std::pair(*AnyName(), *AnyText()); })};
}

indexing::ReindexProgress AnyReindexProgress() {
  indexing::ReindexProgress done;
  done.sessions = Count();
  done.indexed = Count();
  done.unfinished = Count();
  done.failed = Count();
  done.failures = Texts();
  return done;
}

indexing::ReplaySummary AnyReplaySummary() {
  return {.sessions = Count(), .events = Count(), .unfinished = Count(), .failures = Texts(), .failed = Count()};
}

std::vector<migration::DryRunLine> AnyPlan() {
  return Some([] {
    migration::DryRunLine line;
    line.session_id = *AnyBytes();
    line.path = *AnyBytes();
    line.size = Count();
    line.why = *AnyBytes();
    return line;
  });
}

Run AnyRun() {
  Run run{.state = {.idle = Chance(), .waiting_for = *AnyBytes(), .unfinished = Count()}, .store = *AnyText()};
  if (Chance()) run.summary = {.sessions = Count(), .files = Count(), .bytes = Count()};
  if (run.summary && Chance()) run.summary->results = Count();
  return run;
}

Error AnyError() {
  return {*gen::element(ErrorCode::kNotFound, ErrorCode::kDataLoss, ErrorCode::kInternal), *AnyBytes()};
}

AwsSetup AnyAwsSetup() {
  return {.dry_run = Chance(),
          .steps = Some([] { return AwsSetup::Step{*AnyText(), *AnyText(), Chance()}; }),
          .notes = Texts(),
          .store_url = *AnyText(),
          .bus_url = *AnyText(),
          .region = *AnyText(),
          .policies = {{"agent", R"({"Version":"2012-10-17"})"}}};
}

}  // namespace seshat::views
