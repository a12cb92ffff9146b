#include "provisioning/bucket_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "adapters/sns_sqs/policy_document.h"

namespace seshat::provisioning {
namespace {

namespace bj = boost::json;

constexpr std::string_view kOwnRules = "seshat-";

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string BucketArn(const BucketWants& wants) { return fmt::format("arn:{}:s3:::{}", wants.partition, wants.bucket); }

std::string KeyPrefix(const BucketWants& wants) { return wants.prefix.empty() ? "" : wants.prefix + "/"; }

std::string Filter(const BucketWants& wants, std::optional<uint64_t> larger_than) {
  const std::string prefix = Escaped(KeyPrefix(wants));
  if (!larger_than) return fmt::format("<Filter><Prefix>{}</Prefix></Filter>", prefix);
  const auto size = fmt::format("<ObjectSizeGreaterThan>{}</ObjectSizeGreaterThan>", *larger_than);
  if (prefix.empty()) return fmt::format("<Filter>{}</Filter>", size);
  return fmt::format("<Filter><And><Prefix>{}</Prefix>{}</And></Filter>", prefix, size);
}

LifecycleRule Rule(std::string_view id, const std::string& filter, const std::string& action) {
  return {std::string(id), fmt::format("<Rule><ID>{}</ID>{}<Status>Enabled</Status>{}</Rule>", id, filter, action)};
}

std::string_view LocalName(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1);
}

pugi::xml_node Child(const pugi::xml_node& node, std::string_view name) {
  return node.find_child([&](const pugi::xml_node& child) { return LocalName(child) == name; });
}

// Elements in one order, without blanks, namespaces and attributes. `depth` bounds what a hostile answer can cost.
std::string Canonical(const pugi::xml_node& node, int depth = 0) {
  std::vector<std::string> children;
  for (const auto& child : node.children())
    if (child.type() == pugi::node_element && depth < 8) children.push_back(Canonical(child, depth + 1));
  std::ranges::sort(children);
  std::string inner;
  for (const auto& child : children) inner += child;
  if (children.empty()) inner = Escaped(node.text().get());
  return fmt::format("<{0}>{1}</{0}>", LocalName(node), inner);
}

bool IsSupported(const BucketActual& actual, std::string_view what) {
  return std::ranges::find(actual.unsupported, what) == actual.unsupported.end();
}

// Nothing where the rules are as they should be.
std::optional<std::vector<LifecycleRule>> PlanLifecycle(const BucketWants& wants, const BucketActual& actual) {
  const auto own = LifecycleRules(wants);
  std::vector<LifecycleRule> rules;
  size_t same = 0;
  size_t ours = 0;
  for (const LifecycleRule& rule : actual.lifecycle) {
    if (!rule.id.starts_with(kOwnRules)) {
      rules.push_back(rule);
      continue;
    }
    ++ours;
    const auto wanted = std::ranges::find(own, rule.id, &LifecycleRule::id);
    if (wanted != own.end() && SameRule(wanted->xml, rule.xml)) ++same;
  }
  if (same == own.size() && ours == own.size()) return std::nullopt;
  rules.insert(rules.end(), own.begin(), own.end());
  return rules;
}

}  // namespace

std::string BucketPolicy(const BucketWants& wants) {
  const std::string arn = BucketArn(wants);
  bj::array statements;
  // Requests that create an object, unless they are create-only; those for parts cannot say so and create none.
  statements.push_back(
      {{"Sid", "SeshatCreateOnly"},
       {"Effect", "Deny"},
       {"Principal", "*"},
       {"Action", "s3:PutObject"},
       {"Resource", fmt::format("{}/{}*", arn, KeyPrefix(wants))},
       {"Condition", {{"Null", {{"s3:if-none-match", "true"}}}, {"Bool", {{"s3:ObjectCreationOperation", "true"}}}}}});
  statements.push_back({{"Sid", "SeshatTlsOnly"},
                        {"Effect", "Deny"},
                        {"Principal", "*"},
                        {"Action", "s3:*"},
                        {"Resource", bj::array{arn, arn + "/*"}},
                        {"Condition", {{"Bool", {{"aws:SecureTransport", "false"}}}}}});
  return bj::serialize(bj::object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

std::vector<LifecycleRule> LifecycleRules(const BucketWants& wants) {
  return {Rule("seshat-archive", Filter(wants, wants.archive_above_bytes),
               fmt::format("<Transition><Days>{}</Days><StorageClass>{}</StorageClass></Transition>",
                           wants.archive_after_days, records::StorageClassName(StorageClass::kDeepArchive))),
          Rule("seshat-stale-uploads", Filter(wants, std::nullopt),
               fmt::format("<AbortIncompleteMultipartUpload><DaysAfterInitiation>{}</DaysAfterInitiation>"
                           "</AbortIncompleteMultipartUpload>",
                           wants.stale_upload_days)),
          Rule("seshat-old-versions", Filter(wants, std::nullopt),
               fmt::format("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
                           "<NoncurrentVersionExpiration><NoncurrentDays>{}</NoncurrentDays>"
                           "</NoncurrentVersionExpiration>",
                           wants.old_version_days))};
}

bool SameRule(std::string_view a, std::string_view b) {
  pugi::xml_document left;
  pugi::xml_document right;
  if (!left.load_buffer(a.data(), a.size()) || !right.load_buffer(b.data(), b.size())) return a == b;
  return Canonical(left.document_element()) == Canonical(right.document_element());
}

Result<std::vector<LifecycleRule>> ReadLifecycle(std::string_view text) {
  pugi::xml_document document;
  const auto parsed = document.load_buffer(text.data(), text.size());
  const auto root = document.document_element();
  if (!parsed || LocalName(root) != "LifecycleConfiguration")
    return Fail(ErrorCode::kDataLoss, "the bucket's lifecycle rules cannot be read");
  std::vector<LifecycleRule> rules;
  for (const auto& node : root.children()) {
    if (LocalName(node) != "Rule") continue;
    std::ostringstream xml;
    node.print(xml, "", pugi::format_raw | pugi::format_no_declaration);
    rules.push_back({Child(node, "ID").text().get(), xml.str()});
  }
  return rules;
}

std::string LifecycleText(const std::vector<LifecycleRule>& rules) {
  std::string text = "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const LifecycleRule& rule : rules) text += rule.xml;
  return text + "</LifecycleConfiguration>";
}

Result<BucketPlan> PlanBucket(const BucketWants& wants, const BucketActual& actual) {
  BucketPlan plan;
  plan.transition_minimum = actual.transition_minimum;
  if (!actual.exists) {
    plan.create = true;
    plan.changes.push_back(fmt::format("make it in {}", wants.region));
  }
  if (actual.ownership != "BucketOwnerEnforced" && IsSupported(actual, "ownership")) {
    plan.own = true;
    plan.changes.emplace_back("let every object belong to the bucket's owner, and switch access lists off");
  }
  if (!actual.public_blocked && IsSupported(actual, "public access")) {
    plan.block_public = true;
    plan.changes.emplace_back("block public access, in all four ways");
  }
  if (actual.versioning != "Enabled" && IsSupported(actual, "versioning")) {
    plan.version = true;
    plan.changes.emplace_back("keep old versions of objects");
  }
  const bool has_kms = actual.encryption.starts_with("aws:kms");
  if ((actual.encryption.empty() || (wants.kms && !has_kms)) && IsSupported(actual, "encryption")) {
    plan.encrypt = true;
    plan.changes.push_back(wants.kms ? "encrypt with a KMS key where a request does not say"
                                     : "encrypt with S3's keys where a request does not say");
  }
  if (IsSupported(actual, "lifecycle")) plan.lifecycle = PlanLifecycle(wants, actual);
  if (plan.lifecycle)
    plan.changes.push_back(fmt::format(
        "lifecycle: objects above {} bytes to Deep Archive after {} days, unfinished "
        "uploads away after {} days, old versions after {} days",
        wants.archive_above_bytes, wants.archive_after_days, wants.stale_upload_days, wants.old_version_days));
  if (!wants.policy || !IsSupported(actual, "policy")) return plan;
  auto policy = sns_sqs::MergePolicy(actual.policy, BucketPolicy(wants));
  if (!policy) return std::unexpected(std::move(policy.error()).WithContext("bucket " + wants.bucket));
  if (!sns_sqs::SamePolicy(*policy, actual.policy)) {
    plan.policy = *std::move(policy);
    plan.changes.emplace_back("policy: nothing is overwritten, and TLS only");
  }
  return plan;
}

}  // namespace seshat::provisioning
