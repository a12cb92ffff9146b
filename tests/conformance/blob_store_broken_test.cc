// Every case of the BlobStore suite fails on at least one of these stores, each wrong in one way.
#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/blob_store/blob_store_suite.h"
#include "conformance/tampered_blob_store.h"

namespace seshat::testing {
namespace {

using Broken = conformance::BrokenAdapter<conformance::BlobStoreHarness>;

Broken Make(const char* name, BlobTampering tampering, std::vector<std::string_view> found_by,
            const memory_blob_store::MemoryBlobOptions& options = SmallMemoryBlobs()) {
  return {name, [=] { return std::make_unique<TamperedHarness>(tampering, options); }, std::move(found_by)};
}

template <typename Source>
void Wrap(PutRequest& request) {
  if (request.body) request.body = std::make_shared<Source>(request.body);
}

class LosesLastByte : public ForwardingSource {
 public:
  using ForwardingSource::ForwardingSource;
  uint64_t size() const override { return std::max<uint64_t>(ForwardingSource::size(), 1) - 1; }
};
class NeverChecks : public ForwardingSource {
 public:
  using ForwardingSource::ForwardingSource;
  Status CheckUnchanged() override { return {}; }
};
class ChecksFirst : public ForwardingSource {
 public:
  using ForwardingSource::ForwardingSource;
  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    if (offset == 0) checked_ = inner().CheckUnchanged();
    return ForwardingSource::ReadAt(offset, out);
  }
  Status CheckUnchanged() override { return checked_; }

 private:
  Status checked_;
};
class PadsWithZeros : public ForwardingSource {
 public:
  using ForwardingSource::ForwardingSource;
  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    if (!ForwardingSource::ReadAt(offset, out)) std::ranges::fill(out, std::byte{0});
    return {};
  }
};
class BlamesTheSource : public ForwardingSource {
 public:
  using ForwardingSource::ForwardingSource;
  Status CheckUnchanged() override {
    if (ForwardingSource::CheckUnchanged()) return {};
    return Fail(ErrorCode::kSourceChanged, "something was wrong");
  }
};
class ReadsTwice : public ForwardingSource {
 public:
  using ForwardingSource::ForwardingSource;
  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    SESHAT_TRY(ForwardingSource::ReadAt(offset, out));
    return ForwardingSource::ReadAt(offset, out);
  }
};

std::vector<Broken> BrokenPuts() {
  return {
      Make("LosesTheLastByte", {.put_request = Wrap<LosesLastByte>}, {"RoundTripsEverySize", "TellsDigestAndSize"}),
      Make("ClaimsSuccessForTakenKeys",
           {.put_outcome =
                [](const PutRequest&, Result<PutOutcome>& outcome) {
                  if (!outcome && outcome.error().code == ErrorCode::kAlreadyExists) outcome = PutOutcome{};
                }},
           {"KeepsTheFirstObject", "OneWriterWins", "OneOfTwoInOneFeedWins", "FindsSomebodyElsesObject",
            "TellsAnUnknownState"}),
      Make("IgnoresTheDigest", {.put_request = [](PutRequest& r) { r.sha256.reset(); }}, {"RefusesAWrongDigest"}),
      Make("NeverChecksTheSource", {.put_request = Wrap<NeverChecks>},
           {"StoresNothingWhenTheSourceChanged", "AnswersTheErrorOfTheSource", "ChecksTheSourceAfterItsLastByte",
            "PutErrorsStayWithTheirRequest"}),
      Make("ChecksTheSourceFirst", {.put_request = Wrap<ChecksFirst>}, {"ChecksTheSourceAfterItsLastByte"}),
      Make("PadsShortSources", {.put_request = Wrap<PadsWithZeros>}, {"StoresNothingWhenTheSourceIsShorter"}),
      Make("HidesTheSourcesError", {.put_request = Wrap<BlamesTheSource>}, {"AnswersTheErrorOfTheSource"}),
      Make("ReadsEverythingTwice", {.put_request = Wrap<ReadsTwice>},
           {"ChecksTheSourceAfterItsLastByte", "ResumesAfterACrashAtEveryJournalCall"}),
      Make("ForgetsAtRestart", {.forgets_at_restart = true},
           {"KeepsObjectsAcrossARestart", "AFinishedPutSucceedsAgain", "ALostAnswerIsFoundAgain"}),
      Make("TellsAWrongLimit", {.capabilities = [](auto& c) { c.max_object_bytes = 100; }},
           {"RefusesAnOversizedBodyUnread"}),
  };
}

// A journal between the store and the user's.
class ForgivingJournal : public PutJournal {
 public:
  explicit ForgivingJournal(PutJournal& inner) : inner_(inner) {}
  Status SaveState(std::string_view state) override {
    (void)inner_.SaveState(state);
    return {};
  }
  Status SaveDigest(const Sha256& digest) override {
    digest_ = digest;
    return {};
  }
  void SaveLate() {
    if (digest_) (void)inner_.SaveDigest(*digest_);
  }

 private:
  PutJournal& inner_;
  std::optional<Sha256> digest_;
};

class WordyJournal : public PutJournal {
 public:
  explicit WordyJournal(PutJournal& inner) : inner_(inner) {}
  Status SaveState(std::string_view state) override {
    return inner_.SaveState(std::string(state) + std::string(2 * 1024 * 1024, ' '));
  }
  Status SaveDigest(const Sha256& digest) override { return inner_.SaveDigest(digest); }

 private:
  PutJournal& inner_;
};

Broken ForgivesTheJournal() {
  auto journals = std::make_shared<std::vector<std::unique_ptr<ForgivingJournal>>>();
  return Make("GoesOnWhenTheJournalFails",
              {.put_request =
                   [=](PutRequest& r) {
                     if (r.journal == nullptr) return;
                     journals->push_back(std::make_unique<ForgivingJournal>(*r.journal));
                     r.journal = journals->back().get();
                   },
               .put_outcome =
                   [=](const PutRequest&, Result<PutOutcome>&) {
                     if (!journals->empty()) journals->back()->SaveLate();
                   }},
              {"ResumesAfterACrashAtEveryJournalCall", "SavesTheDigestBeforeTheObjectIsVisible"});
}

Broken SavesLongStates() {
  auto journals = std::make_shared<std::vector<std::unique_ptr<WordyJournal>>>();
  return Make("SavesLongStates",
              {.put_request =
                   [=](PutRequest& r) {
                     if (r.journal == nullptr) return;
                     journals->push_back(std::make_unique<WordyJournal>(*r.journal));
                     r.journal = journals->back().get();
                   }},
              {"SavesShortStates"});
}

Broken ListsUnfinishedPuts() {
  auto begun = std::make_shared<std::vector<std::string>>();
  const auto list = [=](BlobStore& inner, const ListOptions& options) -> Result<ListPage> {
    SESHAT_ASSIGN(ListPage page, inner.List(options));
    if (page.blobs.empty())
      for (const auto& key : *begun) page.blobs.push_back({.key = key});
    return page;
  };
  return Make("ListsUnfinishedPuts",
              {.put_request = [=](PutRequest& r) { begun->push_back(r.key.value()); }, .list = list},
              {"ShowsNoUnfinishedPut"});
}

std::vector<Broken> BrokenResumes() {
  return {
      ForgivesTheJournal(),
      SavesLongStates(),
      ListsUnfinishedPuts(),
      Make("StartsOver", {.put_request = [](PutRequest& r) { r.resume_state.clear(); }},
           {"AFinishedPutSucceedsAgain", "ALostAnswerIsFoundAgain", "TellsAnUnknownState"}),
      Make("DoesNotAbandon", {.abandon = [](BlobStore&, const BlobKey&, std::string_view) { return Status(); }},
           {"ForgetsAnAbandonedPut"}),
      Make("RefusesToAbandonTheUnknown", {.abandon = [](BlobStore&, const BlobKey&, std::string_view) -> Status {
             return Fail(ErrorCode::kNotFound, "unknown");
           }},
           {"TellsAnUnknownState", "ForgetsAnAbandonedPut"}),
      Make("IgnoresTheStop", {.ignores_stop = true}, {"ResumesAfterAStop", "AStopEndsPuts", "AStopEndsGets"}),
  };
}

class DeafSink : public BlobSink {
 public:
  explicit DeafSink(std::shared_ptr<BlobSink> inner) : inner_(std::move(inner)) {}
  Status WriteAt(uint64_t offset, ByteSpan data) override {
    (void)inner_->WriteAt(offset, data);
    return {};
  }

 private:
  std::shared_ptr<BlobSink> inner_;
};

void WrapSink(GetRequest& request) {
  if (request.sink) request.sink = std::make_shared<DeafSink>(request.sink);
}

std::vector<Broken> BrokenReads() {
  return {
      Make("ReadsOneByteFurther", {.get_request = [](GetRequest& r) { r.offset += r.offset > 0 ? 1 : 0; }},
           {"GetsRanges"}),
      Make("FindsEverything",
           {.get_outcome =
                [](Result<BlobInfo>& outcome) {
                  if (!outcome) outcome = BlobInfo{};
                },
            .stat = [](BlobStore&, const BlobKey&) { return BlobInfo{}; }},
           {"TellsWhatIsMissing", "GetErrorsStayWithTheirRequest", "AGetTellsTheObject"}),
      Make("IgnoresTheSinksError", {.get_request = WrapSink}, {"AnswersTheErrorOfTheSink"}),
      Make("TellsTheRangesSize",
           {.get_outcome =
                [](Result<BlobInfo>& outcome) {
                  if (outcome) outcome->size = 2;
                }},
           {"AGetTellsTheObject"}),
      Make("AnswersTwice", {.answers_twice = true}, {"PutsAThousandInOneFeed", "GetsAThousandInOneFeed"}),
      Make("AnswersUnasked", {.answers_unasked = true}, {"ReturnsFromAnEmptyFeed"}),
      Make("EndsAtTheFirstError", {.ends_at_error = true},
           {"PutErrorsStayWithTheirRequest", "GetErrorsStayWithTheirRequest"}),
      Make("NeverAsksAgain", {.never_asks_again = true}, {"AsksAgainAfterEveryAnswer"}),
      Make("UsesAForeignThread", {.foreign_thread = true}, {"StaysOnTheCallersThread"}),
  };
}

// Order of path components, as a walk through directories gives it.
bool ByComponents(const BlobInfo& a, const BlobInfo& b) {
  const auto low = [](std::string text) {
    std::ranges::replace(text, '/', '\x01');
    return text;
  };
  return low(a.key) < low(b.key);
}

Broken ChangesList(const char* name, std::function<void(ListOptions&)> options, std::function<void(ListPage&)> page,
                   std::vector<std::string_view> found_by) {
  return Make(name, {.list = [=](BlobStore& inner, const ListOptions& given) -> Result<ListPage> {
                ListOptions changed = given;
                if (options) options(changed);
                auto answer = inner.List(changed);
                if (answer && page) page(*answer);
                return answer;
              }},
              std::move(found_by));
}

std::vector<Broken> BrokenLists() {
  return {
      ChangesList("SortsByComponents", {}, [](ListPage& p) { std::ranges::sort(p.blobs, ByComponents); },
                  {"ListsInByteOrder"}),
      ChangesList("SkipsBetweenPages", {},
                  [](ListPage& p) {
                    if (!p.next_start_after.empty()) p.next_start_after += "\xF4\x8F\xBF\xBF";
                  },
                  {"PagesWithEveryLimit"}),
      ChangesList("IgnoresThePrefix", [](ListOptions& o) { o.prefix.clear(); }, {}, {"ListsByPrefix"}),
      ChangesList("NeverFolds", [](ListOptions& o) { o.fold_folders = false; }, {}, {"FoldsFolders"}),
      ChangesList("IgnoresStartAfter", [](ListOptions& o) { o.start_after.clear(); }, {},
                  {"ListsAfterAnyText", "PagesWithEveryLimit"}),
      ChangesList("TakesAnyLimit", [](ListOptions& o) { o.limit = std::clamp<size_t>(o.limit, 1, 1000); }, {},
                  {"RefusesImpossibleLimits"}),
  };
}

memory_blob_store::MemoryBlobOptions Without(bool BlobStore::Capabilities::* ability) {
  memory_blob_store::MemoryBlobOptions options = SmallMemoryBlobs();
  options.capabilities.*ability = false;
  return options;
}

BlobKey LowerCase(const BlobKey& key) {
  std::string text = key.value();
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return BlobKey::Parse(text).value();
}

std::vector<Broken> BrokenAbilities() {
  using Abilities = BlobStore::Capabilities;
  return {
      Make("LetsAWriterRead", {.access = [](BlobAccess) { return BlobAccess::kReadWrite; }}, {"AWriterMayNotRead"}),
      Make("PromisesNesting", {.capabilities = [](auto& c) { c.nested_keys = true; }}, {"NestsKeysAsItSays"},
           Without(&Abilities::nested_keys)),
      Make("DeniesNesting", {.capabilities = [](auto& c) { c.nested_keys = false; }}, {"NestsKeysAsItSays"}),
      Make("IgnoresCase", {.key = LowerCase}, {"KeepsKeysByteForByte"}),
      Make("HasOneUrl", {.url = [](const BlobKey&) { return std::string("memory://"); }}, {"UrlsNameTheirKeys"}),
      Make("RestoresNothing", {.restore = [](BlobStore&, const BlobKey&) { return Status(); }}, {"RestoresAsItSays"}),
      Make("DeniesRestoring", {.capabilities = [](auto& c) { c.archive = false; }}, {"RestoresAsItSays"}),
      Make("PromisesStorageClasses", {.capabilities = [](auto& c) { c.storage_classes = true; }},
           {"KeepsStorageClassesAsItSays"}, Without(&Abilities::storage_classes)),
      Make("PromisesAttributes", {.capabilities = [](auto& c) { c.attributes = true; }}, {"KeepsAttributesAsItSays"},
           Without(&Abilities::attributes)),
  };
}

}  // namespace
}  // namespace seshat::testing

int main(int argc, char** argv) {
  using namespace seshat::testing;  // NOLINT(google-build-using-namespace)
  ::testing::InitGoogleTest(&argc, argv);
  std::vector<Broken> all;
  for (auto part : {BrokenPuts(), BrokenResumes(), BrokenReads(), BrokenLists(), BrokenAbilities()})
    all.insert(all.end(), part.begin(), part.end());
  seshat::conformance::RegisterBrokenAdapters<seshat::conformance::BlobStoreHarness>(
      "BlobStore", seshat::conformance::BlobStoreCases(), std::move(all));
  return RUN_ALL_TESTS();
}
