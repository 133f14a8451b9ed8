// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience;

import java.util.Date;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.EvaluationResult;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.github.dbresilience.violations.monitor.Ring;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rules between packages. Each is shown to hold for the product and to fail for
 * classes that break it.
 */
class ArchitectureTests {

	private static final String ROOT = ArchitectureTests.class.getPackageName();

	private static final JavaClasses PRODUCT = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.withImportOption(new ImportOption.DoNotIncludeJars())
		.importPackages(ROOT);

	private static final JavaClasses VIOLATIONS = new ClassFileImporter().importPackages(ROOT + ".violations");

	@ParameterizedTest
	@EnumSource(Rule.class)
	void theProductKeepsTheRule(Rule rule) {
		assertThat(PRODUCT).hasSizeGreaterThan(50);
		rule.of(ROOT).check(PRODUCT);
	}

	@ParameterizedTest
	@EnumSource(Rule.class)
	void aViolationOfTheRuleIsFound(Rule rule) {
		EvaluationResult result = rule.of(ROOT + ".violations").evaluate(VIOLATIONS);
		assertThat(result.hasViolation()).isTrue();
		assertThat(result.getFailureReport().toString()).contains(rule.violation);
	}

	enum Rule {

		FAULT_KNOWS_JAVA_ONLY("ImportsSpring") {
			@Override
			ArchRule of(String root) {
				return classes().that()
					.resideInAPackage(root + ".fault..")
					.should()
					.onlyDependOnClassesThat()
					.resideInAnyPackage(root + ".fault..", "java..", "org.jspecify..");
			}
		},

		ONLY_CIRCUITBREAKER_KNOWS_RESILIENCE4J("ImportsResilience4j") {
			@Override
			ArchRule of(String root) {
				return onlyKnownIn(root + ".circuitbreaker..", "io.github.resilience4j..");
			}
		},

		ONLY_CIRCUITBREAKER_KNOWS_SPRING_CLOUD("ImportsSpringCloud") {
			@Override
			ArchRule of(String root) {
				return onlyKnownIn(root + ".circuitbreaker..", "org.springframework.cloud..");
			}
		},

		ONLY_RETRY_KNOWS_SPRING_RETRY("ImportsSpringRetry") {
			@Override
			ArchRule of(String root) {
				return onlyKnownIn(root + ".retry..", "org.springframework.retry..");
			}
		},

		NOBODY_KNOWS_AUTOCONFIGURE("ImportsAutoconfigure") {
			@Override
			ArchRule of(String root) {
				return onlyKnownIn(root + ".autoconfigure..", root + ".autoconfigure..");
			}
		},

		NO_CYCLES("Cycle detected") {
			@Override
			ArchRule of(String root) {
				return SlicesRuleDefinition.slices().matching(root + ".(*)..").should().beFreeOfCycles();
			}
		},

		EVERY_PACKAGE_IS_NULL_MARKED(Ring.class.getPackageName()) {
			@Override
			ArchRule of(String root) {
				return classes().that().resideInAPackage(root + "..").should(liveInANullMarkedPackage());
			}
		},

		NO_FIELD_INJECTION("InjectsIntoFields") {
			@Override
			ArchRule of(String root) {
				return noFields().that()
					.areDeclaredInClassesThat()
					.resideInAPackage(root + "..")
					.should()
					.beAnnotatedWith(Autowired.class)
					.orShould()
					.beAnnotatedWith(Value.class)
					.orShould()
					.beAnnotatedWith("jakarta.annotation.Resource")
					.orShould()
					.beAnnotatedWith("jakarta.inject.Inject");
			}
		},

		NO_OLD_DATES("UsesOldDates") {
			@Override
			ArchRule of(String root) {
				return noClasses().that()
					.resideInAPackage(root + "..")
					.should()
					.dependOnClassesThat()
					.belongToAnyOf(Date.class, java.util.Calendar.class, java.text.DateFormat.class);
			}
		},

		NO_MUTABLE_STATIC_STATE("HasStaticState") {
			@Override
			ArchRule of(String root) {
				return fields().that()
					.areDeclaredInClassesThat()
					.resideInAPackage(root + "..")
					.and()
					.areStatic()
					.and(DescribedPredicate.describe("are written by hand",
							(field) -> !field.getModifiers().contains(JavaModifier.SYNTHETIC)))
					.should()
					.beFinal();
			}
		},

		AUTO_CONFIGURATIONS_ARE_PUBLIC_AND_FINAL("OpenAutoConfiguration") {
			@Override
			ArchRule of(String root) {
				return classes().that()
					.resideInAPackage(root + "..")
					.and()
					.areAnnotatedWith(AutoConfiguration.class)
					.should()
					.bePublic()
					.andShould()
					.haveModifier(JavaModifier.FINAL);
			}
		};

		private final String violation;

		Rule(String violation) {
			this.violation = violation;
		}

		abstract ArchRule of(String root);

		static ArchRule onlyKnownIn(String home, String secret) {
			return noClasses().that()
				.resideOutsideOfPackage(home)
				.should()
				.dependOnClassesThat()
				.resideInAnyPackage(secret);
		}

		static ArchCondition<JavaClass> liveInANullMarkedPackage() {
			return new ArchCondition<>("live in a package that is @NullMarked") {
				@Override
				public void check(JavaClass item, ConditionEvents events) {
					JavaPackage home = item.getPackage();
					boolean marked = home.tryGetPackageInfo()
						.filter((info) -> info.isAnnotatedWith(NullMarked.class))
						.isPresent();
					events.add(new SimpleConditionEvent(item, marked, item.getName() + " in " + home.getName()));
				}
			};
		}

	}

}
