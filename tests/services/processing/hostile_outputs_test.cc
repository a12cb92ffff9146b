// What a processor may leave behind, and what comes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "services/processing/lab.h"

namespace seshat::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

std::vector<std::string> NamesOf(const Receipt& receipt) {
  std::vector<std::string> names;
  for (const OutputFile& output : receipt.outputs) names.push_back(output.name);
  return names;
}

LabOptions Leaving(std::function<void(const fs::path& out)> leave) {
  return {.function = [leave = std::move(leave)](const ProcessorRun& run, const std::stop_token&) {
    leave(run.output_directory);
    return RunReport{};
  }};
}

// The only receipt of the lab's only file, after everything was checked against the store.
Receipt OnlyReceipt(Lab& lab) {
  lab.AddSession("s", {{"a.bin", "a"}});
  lab.RunUntilQuiet(*lab.Service());
  auto receipts = lab.Receipts("s");
  EXPECT_EQ(receipts.size(), 1U);
  return receipts.empty() ? Receipt{} : receipts[0];
}

TEST(HostileOutputs, NamesOfOurOwnRecordsForgeNothing) {
  Lab lab(Leaving([](const fs::path& out) {
    for (const char* name : {"receipt.json", "failure-001.json", "attempt-x/y", "output-z", "deep/receipt.json",
                             "receipt.json.d/x", "manifests/000001.json"})
      WriteFile(out / name, "{\"forged\":true}");
  }));
  const Receipt receipt = OnlyReceipt(lab);
  EXPECT_EQ(receipt.outputs.size(), 7U);
  int records = 0;
  for (const std::string& key : lab.Keys("s/processed/"))
    records += key.ends_with("/receipt.json") || key.find("/failure-") != std::string::npos ? 1 : 0;
  EXPECT_EQ(records, 1) << "an output lies where a record is looked for";
}

TEST(HostileOutputs, AnyNameIsKeptByteForByte) {
  const std::vector<std::string> names = {"new\nline",
                                          "\xff\xfe",
                                          "..x",
                                          "...",
                                          " ",
                                          "-rf",
                                          "a\\b",
                                          "\x01\x7f",
                                          "%2e%2e",
                                          "\xe2\x80\xae"
                                          "exe.txt",
                                          std::string(255, 'n')};
  Lab lab(Leaving([&](const fs::path& out) {
    for (const std::string& name : names) WriteFile(out / name, name);
  }));
  const Receipt receipt = OnlyReceipt(lab);
  EXPECT_THAT(NamesOf(receipt), ::testing::UnorderedElementsAreArray(names));
  for (const OutputFile& output : receipt.outputs) EXPECT_EQ(lab.Get(output.key), output.name);
}

TEST(HostileOutputs, LongPathsFindAPlace) {
  const std::string deep = std::string(200, 'd') + "/" + std::string(250, 'e') + "/" + std::string(250, '\xff');
  Lab lab(Leaving([&](const fs::path& out) { WriteFile(out / deep, "deep"); }));
  const Receipt receipt = OnlyReceipt(lab);
  EXPECT_THAT(NamesOf(receipt), ElementsAre(deep));
  EXPECT_EQ(lab.Get(receipt.outputs.at(0).key), "deep");
}

TEST(HostileOutputs, OnlyRegularFilesAreTaken) {
  Lab lab(Leaving([](const fs::path& out) {
    fs::create_symlink("/etc/passwd", out / "passwd");
    fs::create_directory_symlink("/etc", out / "etc");
    fs::create_symlink("good", out / "link-inside");
    EXPECT_EQ(::mkfifo((out / "pipe").c_str(), 0600), 0);
    fs::create_directories(out / "empty");
    WriteFile(out / "good", "good");
  }));
  EXPECT_THAT(NamesOf(OnlyReceipt(lab)), ElementsAre("good"));
  EXPECT_TRUE(lab.logger.Holds("link 'passwd'"));
  EXPECT_TRUE(lab.logger.Holds("pipe 'pipe'"));
}

TEST(HostileOutputs, WithoutPermissionsTheyAreTakenAllTheSame) {
  Lab lab(Leaving([](const fs::path& out) {
    WriteFile(out / "closed" / "secret", "x");
    WriteFile(out / "unreadable", "y");
    fs::permissions(out / "closed" / "secret", fs::perms::none);
    fs::permissions(out / "closed", fs::perms::none);
    fs::permissions(out / "unreadable", fs::perms::none);
  }));
  EXPECT_THAT(NamesOf(OnlyReceipt(lab)), UnorderedElementsAre("closed/secret", "unreadable"));
  EXPECT_TRUE(fs::is_empty(lab.directory / "work"));
}

TEST(HostileOutputs, TooManyFilesAreAFailureThatSaysSo) {
  LabOptions options = Leaving([](const fs::path& out) {
    for (int i = 0; i < 51; ++i) {
      EXPECT_EQ(::mknod((out / std::to_string(i)).c_str(), S_IFREG | 0600, 0), 0);
    }
  });
  options.max_outputs = 50;
  Lab lab(std::move(options));
  lab.AddSession("s", {{"a.bin", "a"}});
  lab.RunUntilQuiet(*lab.Service());
  const auto failures = lab.Failures("s");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].reason, HasSubstr("more than 50 outputs"));
  EXPECT_EQ(lab.Keys("s/processed/").size(), 1U) << "something was stored before it was given up";
}

TEST(HostileOutputs, TooManyBytesAreAFailureThatSaysSo) {
  LabOptions options = Leaving([](const fs::path& out) {
    WriteFile(out / "a", std::string(600, 'a'));
    WriteFile(out / "b", std::string(600, 'b'));
  });
  options.processors[0].output_bytes = 1000;
  Lab lab(std::move(options));
  lab.AddSession("s", {{"a.bin", "a"}});
  lab.RunUntilQuiet(*lab.Service());
  const auto failures = lab.Failures("s");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].reason, HasSubstr("larger than the 1000 bytes allowed"));
}

TEST(HostileOutputs, AFileWhereAnotherAttemptHadAFolderFindsAPlace) {
  // As in a store that is a directory tree: "x" and "x/y" cannot both be there.
  LabOptions options;
  options.blobs.capabilities.nested_keys = false;
  int run_number = 0;
  options.function = [&](const ProcessorRun& run, const std::stop_token&) {
    ++run_number;
    WriteFile(run.output_directory / (run_number == 1 ? "x/y" : "x"), std::to_string(run_number));
    return RunReport{};
  };
  Lab lab(std::move(options));
  lab.AddSession("s", {{"a.bin", "a"}});
  // The first attempt's receipt never arrives: its place is taken while it is written.
  class NoReceipt : public BlobStore {
   public:
    explicit NoReceipt(BlobStore& inner) : inner_(inner) {}
    const Capabilities& capabilities() const override { return inner_.capabilities(); }
    void PutAll(PutFeed& feed, std::stop_token stop) override {
      struct Filter : PutFeed {
        explicit Filter(PutFeed& f) : feed(f) {}
        std::optional<PutRequest> Next() override {
          auto request = feed.Next();
          if (!request || !request->key.value().ends_with("/receipt.json")) return request;
          feed.Done(request->tag, Fail(ErrorCode::kUnavailable, "lost"));
          return std::nullopt;
        }
        void Done(uint64_t tag, Result<PutOutcome> outcome) override { feed.Done(tag, std::move(outcome)); }
        PutFeed& feed;
      } filter(feed);
      inner_.PutAll(filter, std::move(stop));
    }
    Status Abandon(const BlobKey& k, std::string_view s) override { return inner_.Abandon(k, s); }
    void GetAll(GetFeed& feed, std::stop_token stop) override { inner_.GetAll(feed, std::move(stop)); }
    Result<BlobInfo> Stat(const BlobKey& key) override { return inner_.Stat(key); }
    Result<ListPage> List(const ListOptions& options) override { return inner_.List(options); }
    Status Restore(const BlobKey& k, const RestoreOptions& o) override { return inner_.Restore(k, o); }
    std::string Url(const BlobKey& key) const override { return inner_.Url(key); }

   private:
    BlobStore& inner_;
  } no_receipt(*lab.store);
  const auto first = lab.Service(no_receipt, *lab.bus, *lab.runner, *lab.scratch);
  ASSERT_TRUE(first->PlanOnce({}));
  ASSERT_TRUE(first->WorkOnce({}));
  EXPECT_TRUE(lab.Receipts("s").empty());
  lab.RunUntilQuiet(*lab.Service());
  const auto receipts = lab.Receipts("s");
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_THAT(NamesOf(receipts[0]), ElementsAre("x"));
  EXPECT_THAT(receipts[0].outputs[0].key, HasSubstr("/attempt-"));
}

}  // namespace
}  // namespace seshat::testing
