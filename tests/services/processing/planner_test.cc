#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/records/event.h"
#include "services/processing/lab.h"

namespace seshat::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Planner, AsksForEveryFileThatAProcessorWants) {
  processing::ProcessorSpec logs = CopySpec();
  logs.name = "logs";
  logs.patterns = {PathGlob("**/*.log")};
  Lab lab({.processors = {CopySpec(), logs}});
  lab.AddSession("s", {{"a.bin", "a"}, {"deep/er/b.log", "b"}, {"metadata.txt", "k: v"}});
  const auto service = lab.Service();
  lab.RunUntilQuiet(*service);
  EXPECT_TRUE(lab.Get(lab.ReceiptKeyOf("s", "raw/a.bin")));
  EXPECT_TRUE(lab.Get(lab.ReceiptKeyOf("s", "raw/deep/er/b.log")));
  EXPECT_TRUE(lab.Get(lab.ReceiptKeyOf("s", "raw/deep/er/b.log", "logs-1")));
  EXPECT_EQ(lab.Receipts("s").size(), 3U) << "the metadata file is not processed by default";
}

TEST(Planner, FaultCFilesOfAManifestInPagesAreProcessedWithTheirSiblings) {
  processing::ProcessorSpec spec = CopySpec();
  spec.patterns = {PathGlob("**/*.bin")};
  spec.with_siblings = {PathGlob("*.log")};
  Lab lab({.processors = {spec}});
  lab.pages = ManifestLimits{.entries = 3};
  std::map<std::string, std::string> files{{"metadata.txt", "k: v"}};
  for (const char* name : {"a.bin", "a.log", "d/b.bin", "d/b.log", "d/c.bin", "d/d.bin", "d/z.log", "e.bin"})
    files[name] = name;
  lab.AddSession("s", files);
  lab.RunUntilQuiet(*lab.Service());
  EXPECT_EQ(lab.Receipts("s").size(), 5U);
  EXPECT_EQ(lab.runs, 5);
}

TEST(Planner, TheMetadataFileIsProcessedWhereAsked) {
  processing::ProcessorSpec spec = CopySpec();
  spec.include_metadata = true;
  Lab lab({.processors = {spec}});
  lab.AddSession("s", {{"metadata.txt", "k: v"}});
  lab.RunUntilQuiet(*lab.Service());
  EXPECT_EQ(lab.Receipts("s").size(), 1U);
}

TEST(Planner, AnotherAnnouncementOfADoneSessionDoesNothing) {
  Lab lab;
  const Manifest manifest = lab.AddSession("s", {{"a.bin", "a"}, {"b.bin", "b"}});
  const auto service = lab.Service();
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.runs, 2);
  lab.Announce(manifest, "replayed");
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.runs, 2);
}

TEST(Planner, OnlyNewFilesOfALaterRevisionAreProcessed) {
  Lab lab;
  const auto service = lab.Service();
  lab.AddSession("s", {{"a.bin", "a"}, {"b.bin", "b"}});
  lab.RunUntilQuiet(*service);
  lab.AddSession("s", {{"a.bin", "a"}, {"b.bin", "changed"}}, 2, {"a.bin"});
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.runs, 3);
  EXPECT_TRUE(lab.Get(lab.ReceiptKeyOf("s", "raw.r2/b.bin")));
  EXPECT_EQ(lab.Receipts("s").size(), 3U);
}

TEST(Planner, TheSameEventAsksWithTheSameIds) {
  Lab lab;
  EXPECT_TRUE(lab.bus->EnsureSubscription({.name = "ids", .types = {std::string(FileProcessingRequested::kType)}}));
  const Manifest manifest = lab.AddSession("s", {{"a.bin", "a"}, {"b.bin", "b"}});
  lab.Announce(manifest, "s-1");
  const auto service = lab.Service();
  ASSERT_TRUE(service->PlanOnce({}));
  ASSERT_TRUE(service->PlanOnce({}));
  std::multiset<std::string> ids;
  const auto deliveries = lab.bus->Receive("ids", {.max_events = 10}, {}).value();
  for (const Delivery& delivery : deliveries) ids.insert(delivery.event.id);
  ASSERT_FALSE(ids.empty());
  EXPECT_EQ((std::set<std::string>(ids.begin(), ids.end()).size()), 2U);
}

TEST(Planner, RequestsCarryTheTrace) {
  Lab lab;
  lab.AddSession("s", {{"a.bin", "a"}});
  const auto service = lab.Service();
  lab.RunUntilQuiet(*service);
  const auto receipts = lab.Receipts("s");
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_TRUE(receipts[0].traceparent.starts_with("00-0af7651916cd43dd8448eb211c80319c-")) << receipts[0].traceparent;
}

TEST(Planner, AManifestThatIsNotTheAnnouncedOneBecomesADeadLetter) {
  Lab lab;
  Manifest manifest = lab.AddSession("s", {{"a.bin", "a"}});
  lab.RunUntilQuiet(*lab.Service());
  manifest.source = "another";
  lab.Announce(manifest, "forged");
  lab.RunUntilQuiet(*lab.Service());
  const auto letters = lab.DeadLetters(processing::kProcessingSubscription);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].event.id, "forged");
  EXPECT_NE(letters[0].reason.find("not the one that was announced"), std::string::npos) << letters[0].reason;
}

TEST(Planner, WhatIsNoEventBecomesADeadLetter) {
  Lab lab;
  const Event broken{.id = "x", .type = std::string(SessionMigrated::kType), .source = "x", .data = "{}"};
  ASSERT_TRUE(lab.bus->Publish({&broken, 1}));
  lab.RunUntilQuiet(*lab.Service());
  EXPECT_EQ(lab.DeadLetters(processing::kProcessingSubscription).size(), 1U);
}

TEST(Planner, FilesWithVeryLongPathsAreProcessedToo) {
  Lab lab;
  std::string path;
  while (path.size() < 950) path += "folder-with-a-name/";
  lab.AddSession("s", {{path + "a.bin", "a"}});
  lab.RunUntilQuiet(*lab.Service());
  const auto receipts = lab.Receipts("s");
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(receipts[0].path, path + "a.bin");
  EXPECT_EQ(receipts[0].outputs.size(), 2U);
}

}  // namespace
}  // namespace seshat::testing
